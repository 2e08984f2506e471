
Boutput_5J'³ú±è 