Bbound_2Jøtš|	…ƒ>‘SÕ+
z>r,ÎDÉS>