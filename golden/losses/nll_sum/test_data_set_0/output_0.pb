Boutput_0Jö 
A