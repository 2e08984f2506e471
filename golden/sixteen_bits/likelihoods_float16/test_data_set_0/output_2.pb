
Boutput_2J3@