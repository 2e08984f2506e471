// Random bits by counter: element, run and stream give the bits, so any order of computing gives the same.
#pragma once

#include "math_basic.hpp"

namespace lockstep {
inline namespace LOCKSTEP_TARGET {

// The first word of Philox4x32-10 (Salmon et al., Parallel Random Numbers: As Easy as 1, 2, 3, 2011).
inline std::uint32_t philox(std::uint32_t c0, std::uint32_t c1, std::uint32_t c2, std::uint32_t c3, std::uint64_t seed) {
  auto k0 = std::uint32_t(seed), k1 = std::uint32_t(seed >> 32);
  for (int round = 0; round < 10; ++round) {
    const std::uint64_t p0 = std::uint64_t(c0) * 0xD2511F53u, p1 = std::uint64_t(c2) * 0xCD9E8D57u;
    c0 = std::uint32_t(p1 >> 32) ^ c1 ^ k0;
    c2 = std::uint32_t(p0 >> 32) ^ c3 ^ k1;
    c1 = std::uint32_t(p1);
    c3 = std::uint32_t(p0);
    k0 += 0x9E3779B9u;
    k1 += 0xBB67AE85u;
  }
  return c0;
}

// The bits of the elements at `place`, one a lane.
template <class Lanes>
Lanes random_bits(std::uint64_t seed, std::uint64_t draw, std::uint32_t stream, Lanes place) {
  return detail::per_lane(place, [&](Index k) {
    return Index(philox(std::uint32_t(k), std::uint32_t(draw), stream, std::uint32_t(std::uint64_t(k) >> 32), seed));
  });
}

}  // namespace LOCKSTEP_TARGET
}  // namespace lockstep
