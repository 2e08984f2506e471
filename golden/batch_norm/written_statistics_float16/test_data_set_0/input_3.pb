
Binput_3Jx=9µ4