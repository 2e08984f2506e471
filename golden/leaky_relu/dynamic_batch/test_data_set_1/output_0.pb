Boutput_0JZ
¿Qú#@¶Ç¾BÒ>