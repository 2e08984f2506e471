Bbound_1J њъ`x#Ц>бjќQ]Г>тк[Њ
bЁ>CYЖЗ8Rа>