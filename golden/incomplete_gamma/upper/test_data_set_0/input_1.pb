Binput_1J`¹
Ï?0ù)A
„bAîHwANªtA\
@šU@œ*ŠAxr+@ÿvj?©IpA{haAËs‰@TA‡3Æ@(´uAƒø„@ZÖ“AÀrAÔGDAtÂó@SzRA´õOA%ÈA