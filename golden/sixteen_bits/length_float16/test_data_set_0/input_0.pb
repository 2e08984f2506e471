2
Binput_0JÙÔÚÃU—ÖyU„K¢ÈÞRØfÆ›YFY^×OY`ØŒÕ…JÚÐqYP±ÕêUðÍCÐëÓ…XR´T:X‹NXK"YYÔyNˆQ@ÿP,ÔBÙÔÍV™Ö¨É$Õ>S1ÕwSŸX®ÙÔØÑ8LìRTHRQÏR2Õ³Á€ÐYÚpWÔBÁ0Ø@Ñ°HW“V ÕFÕß×ÛÑØÉWÉR;ÓRgÓ~XoOÑ}T6ÔCW›ZýÐvWþRîÔ\×øYÇÏŽX¹K×uÍšÖÈMSW†ÃXºX~ÁuR+N Ó,Æ9TÎØ7SzÎ5XÛ¦ÊcÐ
TOF6UMK“ÙºÔóRyV¥ÖˆÍ‚V;H‰PèÚèXWÈÔØCÒÛSÂÕ#E<ÂõU÷ÑÿÎßÎ3YêÌ[´LÚÙ`RÚ1SàQ^VãO—UþÎ
ÑHÛ9Õ^QzA8]“Ö‚\ÃÙ¨LÝX°Õ|Æ)Ê$RRFóÕLÔ;ÖµR¥Z±Ð$X¸NÔßXÎPÐ[ýUPfT8Ð™Q#WƒØ3Xp\WÖøÚÖ