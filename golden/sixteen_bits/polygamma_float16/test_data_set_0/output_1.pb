
Boutput_1J(x22𰱉X4t4򒖂*6�24􄝢�=G0B2w274O:}1