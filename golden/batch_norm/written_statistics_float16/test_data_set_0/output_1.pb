
Boutput_1J'³ú±è 