Boutput_0Jà
B