Binput_0J`€…aB)ReB4RB—(‡A_—Bñ¾A§ï‘BæCŸA(zAh%
B­UÄA/†#BäµAB3¾.BVDNB¤OrB“ùAêpBÇz&A¥ÿ<A¾µB±dBf7§A%q›A