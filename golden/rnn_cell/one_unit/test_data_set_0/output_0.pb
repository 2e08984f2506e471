Boutput_0Jã
=û‚s?Û(5?