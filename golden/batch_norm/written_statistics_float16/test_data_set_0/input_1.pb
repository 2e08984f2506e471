
Binput_1J–¸~³8