Binput_1JúŸ¨>jp
¾HÃ½ã>H€ž>