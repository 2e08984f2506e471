
Boutput_2Já<R<Ë<