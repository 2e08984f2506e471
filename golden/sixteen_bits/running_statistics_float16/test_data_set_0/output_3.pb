
Boutput_3Jî9V@(9