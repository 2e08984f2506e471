Binput_0J`ß @ASQ}CkŞB7CÓ¡ÿBr
C-)«BxCŞ+âBbx‰A*!pCóºB=<İAZsÖA‡ŠB†C¸ÍAa”CÑäAéˆCÚ=ÆASåCrC!òB