
Boutput_6Já<R<Ë<