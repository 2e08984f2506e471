	Binput_0J 9ÈBŒ•ÇB["ÌBÔíÅBÏCÈB
nÊBQÈB ÉBðoÂBØ3ÉB@ˆÄBÊ`ÉBÁdÇBÈùÇB«kÈBõÒÈB4®ÈB*;ÇBŸAÉBø¤ÉBžÚÇBg‹ÊB^ÉBo×ÈBÏ»ËBnÈB|ßÈBMÈBò_ÉB;VÅBP™ÆBÄuÂB{ÕÈB´¯ÄB‡|ÊBµuÇB_ßÈBM¾ÅBr¶ÈBLÉB£‡ÈBƒ†ÄBöKÈBf,ÇB¸wÈBíÌÄBÕÚÅBä&ÊB8¶ÉB<šÉB€RÉBêÈBÉB¾ÊB„
ÇBn%ÉB€xÆB:ËB#±ÇBt0ÉB»qÊBmÂÄBïÉB…JËBô—ÇBE;ÊBwVÅB&cËBAQÇBÞÆBë¬ÈBæ©ÆB