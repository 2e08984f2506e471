
Boutput_2Jz9ñ5?º