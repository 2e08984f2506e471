Boutput_1JXm?AÝ?ÿ>?
VD>