
Binput_1Jå¹CZA