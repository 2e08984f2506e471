(Boutput_0J uA¼¢AÌéAAD	AA
3A3ãAŽZA¼D,A 3È@(hAæ´AMAƒfA÷R!AZÇA#»AKÐAT
A›²AŒ´A¼¾
AâÈAŒÖþ@Y¨)A²ì#A¶…ö@øÍ"AMO	AñAî}AŒûA¬ªA½A^Á&Aí‚AÛ½A²…&A¤jä@