Bbound_0J 3Eงyฒ>
โNkแนย>๑Fฺ๛N{ฒ>9ๅE…ข๒>