Boutput_1Je£
¾t@;À|>$Ì ¾