Boutput_0JÞ>½Ï?>Ü
´¾ÀNb¿