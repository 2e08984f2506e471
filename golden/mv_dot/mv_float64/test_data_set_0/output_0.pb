Boutput_0J :8hÔ[¾@­Ä&e‹@3(O—Cjò?~)4ùÈt
@