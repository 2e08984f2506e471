
Binput_0Jxb‘aÿb/`aFah`3aÙaa@b`d`naaÛb`í`ò`y`Jbà_y`Â`(a`†ba¤aËbÂaõaÍa¨bs`¹bŠbbøb~`bb–bŞa	b]`äaù`Baà`½b	aW`ša|`/bş`|`c3aÙ`