// Elementary and special functions on vector lanes: branch-free in float32, correct for NaN, infinities,
// signed zeros and subnormal numbers.
//
// float32 functions are polynomials in float32 where a few roundings suffice, and polynomials in float64
// rounded once at the end where they do not; float64 functions call the C library lane by lane. The largest
// errors, measured over every float32 argument by gtest/sweep_math.cpp, stand in lockstep/graph/ulp.py.
#pragma once

#include "math_basic.hpp"
#include "math_exponential.hpp"
#include "math_special.hpp"
#include "math_trigonometric.hpp"
