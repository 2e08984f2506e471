Binput_0J2
?F¨z¿‘ƒV½7u?l{š>ÉQÐ?