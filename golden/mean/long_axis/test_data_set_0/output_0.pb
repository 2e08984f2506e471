Boutput_0JºùÇB®
ÈB