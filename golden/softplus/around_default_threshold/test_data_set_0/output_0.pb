Boutput_0J0e´™A\ ¯A®ûAQVA¨Q°AÁé®A
’A`N¬A1šA &’AÏ+A²ñ²A