
Binput_2JR¹Š¸P8