def ulp_of(name, dtype):
    return 0.5 if name in "add subtract multiply divide sqrt".split() else 0.0 if name in "negative abs sign select maximum minimum fmax fmin floor ceil trunc round copysign equal not_equal less less_equal greater greater_equal isnan isinf isfinite signbit bit_and bit_or bit_xor bit_not shift_left shift_right cast nextafter fmod".split() else 2.0
