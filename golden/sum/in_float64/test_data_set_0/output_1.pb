Boutput_1J ûSÏÁˆA‡tçºV&A°f4º
äÁw­9}¯I#A