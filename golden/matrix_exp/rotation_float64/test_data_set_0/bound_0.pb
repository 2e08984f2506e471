Bbound_0J ÁX<˜ÍÞ<É&by¼êä<›	
Kµ`á<v{ÝB¢Tä<