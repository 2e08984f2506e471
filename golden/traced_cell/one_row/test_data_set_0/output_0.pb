Boutput_0JXm?AÝ?ÿ>?
VD>