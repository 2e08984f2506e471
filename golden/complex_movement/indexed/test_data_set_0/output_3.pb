Boutput_3JÜ›1?®D[¿
fþ=m >.e>§ø¾