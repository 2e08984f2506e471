Boutput_0J
~%?­e>