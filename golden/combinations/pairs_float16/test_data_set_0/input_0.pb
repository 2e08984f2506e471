
Binput_0J
Í:)´
/®7
¹