
Boutput_7Jø5Ò/r/