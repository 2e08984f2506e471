
Boutput_0J¼9Z<Õ;=¨;<