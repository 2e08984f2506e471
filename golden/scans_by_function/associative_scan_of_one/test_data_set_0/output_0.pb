Boutput_0J
™t?u2>ê~U?