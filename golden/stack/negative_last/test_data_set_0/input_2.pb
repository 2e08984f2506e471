Binput_2J  \2Àð*É?pìµ¾ðpz>Ë
˜?gÓ˜>•CÇ¾tVA¿