Binput_0J`É
Bhƒ¶Aÿq@B`¬A³!FB¤²R@:åA¶¾bB™ÂTAŠr:B»['B?¾A(4+B+ fBçž@e5ÂA£AN†?@RB âÖAÚAdæ7Až>B0ÁA