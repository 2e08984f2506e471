
Binput_0J
GÂG°H”GÙG