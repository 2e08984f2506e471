
Boutput_0J‡Hx¿:Ê