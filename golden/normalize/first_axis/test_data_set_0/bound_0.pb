Bbound_0J`PæÌYLEŽ>lZƒSYb‚>·j¡ðÁ4f>JqUÿCb_>tôÒv*‘>Ñ
Ou<o€>œtàÅ•>‚™ž‚>,÷€‡‰>už‚(«]R>°­:.†~p>kÙý•‘€>