Boutput_0Jª
É?