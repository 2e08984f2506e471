Binput_0J
™t?u2>ê~U?