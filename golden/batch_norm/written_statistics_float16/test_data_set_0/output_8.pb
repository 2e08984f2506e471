
Boutput_8J9d<­<