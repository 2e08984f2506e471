Binput_0J
ğ@ş@ñ@	AË@