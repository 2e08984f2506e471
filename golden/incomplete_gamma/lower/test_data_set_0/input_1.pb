Binput_1J`ïf@Á AÀþdAATî@†Zz>DD•Aõµz@£ô>ÒU‘Açi&A0X@—IÕ?MTŠA‰	AõªÉ@ý@T
•??ðx@%FƒA7$A”aAµ}AmßA~À@