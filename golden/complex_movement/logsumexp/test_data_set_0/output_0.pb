Boutput_0J%ðBäJD@`á^BŽÀfŠ¾>˜H
?