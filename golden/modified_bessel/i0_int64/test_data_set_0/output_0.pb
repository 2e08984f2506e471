Boutput_0J`ºä@
˜(CHÅüG>’Mˆ?ÃVg¬OÔ²ˆDêÃãEBëÙAMSÜLt/œ@d ZIÚ	”FÚ	”F
˜(C}$AGd ZIÅÄVx†B5ÈÕCwû/EÚ	”Ff\/XêÃãE