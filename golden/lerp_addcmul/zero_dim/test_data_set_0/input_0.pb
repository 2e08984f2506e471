Binput_0JW
Ï>