Bbound_2J MH½ì…Á>—Ø-d„d·>
LôÒ½>P†”Ï>WÐ>