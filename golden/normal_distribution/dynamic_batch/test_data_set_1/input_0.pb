Binput_0J|.œ¿GðŠ>cîÍ>
g?