Boutput_2JHó½? 
Àœ>¿ëM¤?