Binput_0J`ü|]BÅlCBA¦ºA«`BOÞUB9ñA/xqBksŸB›Â˜BLÝB‚yÞAKUBl(ŠB`¡Aö1yB
BN0zB+CAGB-+€BÃA1´Bài‰Bà³vA