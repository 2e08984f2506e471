
Boutput_1J?U