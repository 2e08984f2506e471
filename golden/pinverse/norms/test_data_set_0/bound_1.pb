Bbound_1JhDs1 
ย>$Aก๑w"ฤ>ศพzsทั>