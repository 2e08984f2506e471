Bbound_2Jкrво
ўь>