
Binput_0J(nE¸EÈAA)DDŸDG!BEEnD…CCD<øG™EoEFDÕ>QF