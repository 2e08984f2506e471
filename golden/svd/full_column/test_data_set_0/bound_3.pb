Bbound_3Jßœf
…»>