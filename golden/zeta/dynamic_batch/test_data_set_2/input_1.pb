Binput_1JY
@bŠ¿?V@\'B@