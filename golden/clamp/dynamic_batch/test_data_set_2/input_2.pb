Binput_2J³RK¾aª?
ıÚ?’œ?