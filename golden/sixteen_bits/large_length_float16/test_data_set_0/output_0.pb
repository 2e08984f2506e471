
Boutput_0Jéiaj+j