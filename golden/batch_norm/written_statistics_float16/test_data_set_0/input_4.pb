
Binput_4Jñ7´=—?