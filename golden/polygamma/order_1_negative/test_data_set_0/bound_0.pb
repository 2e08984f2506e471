Bbound_0J0sy¸'â>´eÜu×tý>¿uq}D:ù><´
¼„&?iÐ’y”’?m7i¡0?