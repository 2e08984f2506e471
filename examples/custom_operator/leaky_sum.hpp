#pragma once

#include "lockstep/simd.hpp"

// y[t] = x[t] + decay * y[t - 1] along each row.
template <class T>
bool leaky_sum(const T* x, T* y, lockstep::Index rows, lockstep::Index steps, double decay) {
  for (lockstep::Index row = 0; row < rows; ++row, x += steps, y += steps) {
    T before = 0;
    for (lockstep::Index t = 0; t < steps; ++t) before = y[t] = x[t] + T(decay) * before;
  }
  return true;
}
