
Binput_2J <G¶ˆ=