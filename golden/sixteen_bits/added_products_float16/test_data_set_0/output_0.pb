
Boutput_0J×6%Å=À•ÂcDvÏÀ¹E×HşÅ“A3H