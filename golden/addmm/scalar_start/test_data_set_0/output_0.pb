Boutput_0J0Cn@a±¿=)¿F?QëmÀC2D>
ƒ ¾¿q?NÅ@@oE¾$y¾xJW?