Bbound_0JuDZ
a?