Binput_2Jd¿V¾’ä
¿~9@ÆR>kF¿}P½?