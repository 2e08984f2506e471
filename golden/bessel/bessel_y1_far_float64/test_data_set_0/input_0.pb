Binput_0JÀv¿!Cn@ªZª>±d@•n%Ÿ;Y@Ïé‚i@Xdk],G@ä¬Äø
—I@Ž%Øú¡$W@ÚQfùzßh@¥
\\@ò×©îgÁX@¬Q±Òtl@yDY0ç·K@iÐ?Pr@€pÅxa¼i@ÅA´ƒ;l@ÞIFzMD@TÚtÍj@Z‘û¶”G@xª‹ÏÊƒW@¡vœ\Î6b@;sËç3@–;i n@œÁy‚¯\h@(%©ö„žb@