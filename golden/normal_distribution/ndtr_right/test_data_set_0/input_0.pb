Binput_0J`ït¶A¸_AD”çAtSA`SîA-@x<‹A#Bİ¸AŠvàA¡ĞÉAÈhA˜`ÎA_p
B,9V@éìlA÷øGAs¦@¸B»Aº‚Ab¢„A4ç@#iåAu kA