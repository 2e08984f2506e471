Boutput_0JêÔ-Âvë3K¸Ú#Éyë3Ë “ÖO
iHJ