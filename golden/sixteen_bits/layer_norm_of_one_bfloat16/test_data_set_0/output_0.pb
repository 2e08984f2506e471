Boutput_0J
j¾j¾j¾j¾j¾