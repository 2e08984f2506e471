// Special functions of the runtime on chosen arguments: values to 17 digits, poles, domains and limits as PyTorch
// has them.
#include <gtest/gtest.h>

#include <cmath>
#include <limits>

#include "lockstep/math_bessel.hpp"
#include "lockstep/math_gamma.hpp"
#include "lockstep/math_normal.hpp"
#include "lockstep/math_polynomials.hpp"
#include "lockstep/simd.hpp"

namespace {

using lockstep::kLanes;
using lockstep::Lanes;

constexpr double kInf = std::numeric_limits<double>::infinity();
constexpr double kNaN = std::numeric_limits<double>::quiet_NaN();

// A function of lanes at scalar arguments.
#define AT(name) [](auto... x) { return lockstep::name(Lanes<decltype(x), kLanes>(x)...)[kLanes - 1]; }

void expect_same(double actual, double expected, const char* what) {
  if (std::isnan(expected)) {
    EXPECT_TRUE(std::isnan(actual)) << what << ": " << actual;
  } else {
    EXPECT_EQ(actual, expected) << what;
    EXPECT_EQ(std::signbit(actual), std::signbit(expected)) << what << ": the sign of zero";
  }
}
#define SAME(actual, expected) expect_same(actual, expected, #actual)

// Within so many ULP (of 2^-52, relative) in float64, and rounded once in float32.
template <class F, class... X>
void expect_near(F f, double expected, double ulp, const char* what, X... x) {
  EXPECT_NEAR(f(double(x)...), expected, ulp * 0x1p-52 * std::fabs(expected)) << what;
  EXPECT_NEAR(f(float(x)...), expected, 0x1p-23 * std::fabs(expected)) << what << " in float32";
}
#define NEAR(expected, ulp, name, ...) expect_near(AT(name), expected, ulp, #name "(" #__VA_ARGS__ ")", __VA_ARGS__)

TEST(Special, ScaledModifiedBesselFunctions) {
  NEAR(0.465759607593640437, 4, i0e, 1.0);
  NEAR(0.143431781856850311, 4, i0e, -8.0);
  NEAR(0.0897803118848260216, 4, i0e, 20.0);
  NEAR(0.207910415349708449, 4, i1e, 1.0);
  NEAR(-0.0875062221832886654, 4, i1e, -20.0);
  NEAR(1.14446307980689501, 5, k0e, 1.0);
  NEAR(0.841568215070771418, 5, k0e, 2.0);
  NEAR(0.391631934436598666, 4, k0e, 10.0);
  NEAR(1.63615348626325825, 4, k1e, 1.0);
  NEAR(0.410766570595788751, 4, k1e, 10.0);
  SAME(AT(i0e)(kInf), 0.0);
  SAME(AT(i0e)(0.0), 1.0);
  SAME(AT(i0e)(kNaN), kNaN);
  SAME(AT(i1e)(-0.0), -0.0);
  SAME(AT(i1e)(-kInf), -0.0);
  for (double zero : {0.0, -0.0}) {
    SAME(AT(k0e)(zero), kInf);
    SAME(AT(k1e)(zero), kInf);
  }
  SAME(AT(k0e)(-1.0), kNaN);
  SAME(AT(k1e)(kNaN), kNaN);
  SAME(AT(k1e)(kInf), 0.0);
}

TEST(Special, TailsOfTheNormalDistribution) {
  NEAR(0.427583576155807004, 4, erfcx, 1.0);
  NEAR(5.00898008076228347, 4, erfcx, -1.0);
  NEAR(0.0112815362653237725, 4, erfcx, 50.0);
  SAME(AT(erfcx)(0.0), 1.0);
  SAME(AT(erfcx)(kInf), 0.0);
  SAME(AT(erfcx)(-kInf), kInf);
  SAME(AT(erfcx)(-27.0), kInf);
  SAME(AT(erfcx)(-26.674121856689453), kInf);  // whose square is rounded up
  SAME(AT(erfcx)(kNaN), kNaN);
  NEAR(0.0, 1, ndtri, 0.5);
  NEAR(0.674489750196081743, 4, ndtri, 0.75);
  NEAR(-1.15034938037600818, 4, ndtri, 0.125);
  EXPECT_NEAR(AT(ndtri)(0.975), 1.95996398454005386, 4e-16 * 2);
  EXPECT_NEAR(AT(ndtri)(1e-30), -11.4640246884436157, 4e-16 * 11);
  SAME(AT(ndtri)(0.0), -kInf);
  SAME(AT(ndtri)(1.0), kInf);
  SAME(AT(ndtri)(-0.1), kNaN);
  SAME(AT(ndtri)(1.1), kNaN);
  SAME(AT(ndtri)(kNaN), kNaN);
}

TEST(Special, HurwitzZeta) {
  NEAR(1.64493406684822644, 2, zeta, 2.0, 1.0);
  NEAR(1.20205690315959429, 2, zeta, 3.0, 1.0);
  NEAR(4.93480220054467931, 2, zeta, 2.0, 0.5);
  NEAR(0.648661631941570422, 4, zeta, 1.5, 10.0);
  EXPECT_NEAR(AT(zeta)(3.0, -1.5), 0.118102025820863702, 8 * 4e-16);  // two terms of 8 cancel
  NEAR(-1e30, 4, zeta, 3.0, -1e-10);
  SAME(AT(zeta)(1.0, 2.0), kInf);
  SAME(AT(zeta)(0.5, 2.0), kNaN);
  SAME(AT(zeta)(2.0, 0.0), kInf);
  SAME(AT(zeta)(2.0, -3.0), kInf);
  SAME(AT(zeta)(2.5, -0.5), kNaN);
  SAME(AT(zeta)(2.0, kNaN), kNaN);
}

TEST(Special, IncompleteGammaFunctions) {
  NEAR(0.842700792949714869, 4, igamma, 0.5, 1.0);
  NEAR(0.323323583816936541, 4, igamma, 3.0, 2.0);
  NEAR(0.676676416183063459, 4, igammac, 3.0, 2.0);
  NEAR(3.92593222628618819e-9, 8, igammac, 10.0, 40.0);
  EXPECT_NEAR(AT(igamma)(300.0, 100.0) / 1.81872181673084788e-58, 1.0, 1e-13);
  EXPECT_NEAR(AT(igammac)(1000.0, 1500.0) / 2.20469861138899614e-43, 1.0, 1e-13);
  // PyTorch's pi in float32 moves what is beyond one half by 1.4e-8 of itself.
  EXPECT_NEAR(AT(igamma)(1000.0, 1000.0), 0.5 + 0.004205244180215509 * (1 - 1.3913767e-8), 1e-15);
  EXPECT_NEAR(AT(igammac)(1e-10, 0.5), 5.59773594805498811e-11, 2e-16);
  for (double x : {0.0, 1.0, kInf}) {
    SAME(AT(igamma)(-1.0, x), kNaN);
    SAME(AT(igammac)(x, -1.0), kNaN);
  }
  SAME(AT(igamma)(0.0, 0.0), kNaN);
  SAME(AT(igamma)(kInf, kInf), kNaN);
  SAME(AT(igamma)(0.0, 1.0), 1.0);
  SAME(AT(igammac)(0.0, 1.0), 0.0);
  SAME(AT(igamma)(1.0, 0.0), 0.0);
  SAME(AT(igammac)(2.0, kInf), 0.0);
  SAME(AT(igammac)(kInf, 2.0), 1.0);
}

TEST(Special, PolynomialsByRecurrenceAndByAngle) {
  SAME(AT(chebyshev_t)(2.0, 3.0), 26.0);
  SAME(AT(chebyshev_u)(2.0, 3.0), 56.0);
  SAME(AT(chebyshev_v)(2.0, 3.0), 41.0);
  SAME(AT(chebyshev_w)(2.0, 3.0), 71.0);
  SAME(AT(hermite_h)(0.5, 5.0), 41.0);
  SAME(AT(hermite_he)(2.0, 3.0), 2.0);
  SAME(AT(legendre_p)(2.0, 3.0), 17.0);
  EXPECT_NEAR(AT(laguerre_l)(2.0, 3.0), -1.0 / 3, 1e-15);
  EXPECT_NEAR(AT(chebyshev_t)(0.3, 20.0), 0.982130131054892111, 1e-14);
  EXPECT_NEAR(AT(chebyshev_u)(0.3, 20.0), 1.04131726685897755, 1e-14);
  EXPECT_NEAR(AT(legendre_p)(0.3, 20.0), 0.180287159479980464, 1e-14);
  EXPECT_NEAR(AT(laguerre_l)(3.0, 20.0), -0.557509325217190824, 1e-13);
}

TEST(Special, DegreesThatAreNoneAndEndsOfTheInterval) {
  for (double degree : {-1.0, -7.5, kNaN, kInf, -kInf, 1e19}) {
    SAME(AT(chebyshev_t)(0.5, degree), 0.0);
    SAME(AT(hermite_he)(0.5, degree), 0.0);
    SAME(AT(legendre_p)(1.0, degree), 0.0);
  }
  SAME(AT(chebyshev_t)(0.25, -0.75), 1.0);  // cut to degree 0
  SAME(AT(chebyshev_t)(0.25, 1.75), 0.25);
  SAME(AT(chebyshev_u)(1.0, 9.0), 10.0);
  SAME(AT(chebyshev_u)(-1.0, 9.0), -10.0);
  SAME(AT(chebyshev_v)(-1.0, 4.0), 9.0);
  SAME(AT(chebyshev_w)(1.0, 4.0), 9.0);
  SAME(AT(chebyshev_w)(-1.0, 5.0), -1.0);
  SAME(AT(legendre_p)(-1.0, 11.0), -1.0);
  SAME(AT(laguerre_l)(-0.0, 11.0), 1.0);
  SAME(AT(chebyshev_t)(1e20f, 4.0f), kNaN);  // infinity less infinity, as in PyTorch
  SAME(AT(hermite_h)(0.01f, 129.0f), kNaN);
  SAME(AT(hermite_h)(0.01, 513.0), kNaN);
}

}  // namespace
