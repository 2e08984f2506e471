
Boutput_0JÄzµzÄz¾zÀz½z