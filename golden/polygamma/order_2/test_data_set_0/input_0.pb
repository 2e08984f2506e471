Binput_0J`›Í‡@¡¬A+2Açqª@áåzAN¬a@™ğ@‰s‡A£„˜AŒ:KAñôA_vKA‰C2AF˜Ì@‘A7lA›tlA¬
‡AhzA÷^cAØûA‰-‰AØŒÜ@L±A