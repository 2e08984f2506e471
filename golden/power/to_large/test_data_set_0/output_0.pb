Boutput_0J0X¶=´ºvBw°>=©“@†zz>Ü×q@û¼BByÁ?dÇ
<Žiß>ø;yŽ•<