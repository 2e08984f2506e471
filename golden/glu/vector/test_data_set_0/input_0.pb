
Binput_0J(a¾À÷¿T;´¿O>N?ÊÞ9=&c¿£zð¾˜l™?ï@T R?