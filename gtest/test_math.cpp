// Functions of the runtime on chosen arguments: values known in closed form, and every special case of C99
// and PyTorch.
#include "lockstep/math.hpp"

#include <gtest/gtest.h>

#include <cmath>
#include <cstdint>
#include <limits>

#include "lockstep/simd.hpp"

namespace {

using lockstep::kLanes;
using lockstep::Lanes;

constexpr float kInf = std::numeric_limits<float>::infinity();
constexpr float kNaN = std::numeric_limits<float>::quiet_NaN();
constexpr float kTiny = 1.40129846e-45f;  // the smallest subnormal number
constexpr float kLargest = std::numeric_limits<float>::max();

// A function of lanes at scalar arguments, in float32 or float64.
#define AT(name)                                                               \
  [](auto... x) {                                                              \
    const auto result = lockstep::name(Lanes<decltype(x), kLanes>(x)...);                \
    return result[kLanes - 1];                                                 \
  }

// The same number bit for bit, except that any NaN is as good as another.
void expect_same(double actual, double expected, const char* what) {
  if (std::isnan(expected)) {
    EXPECT_TRUE(std::isnan(actual)) << what << ": " << actual;
  } else {
    EXPECT_EQ(actual, expected) << what;
    EXPECT_EQ(std::signbit(actual), std::signbit(expected)) << what << ": the sign of zero";
  }
}
#define SAME(actual, expected) expect_same(actual, expected, #actual)

template <class F, class Reference>
void follows_the_c_library(const char* name, F f, Reference reference, double ulp) {
  const float arguments[] = {kNaN,   kInf,   -kInf,  0.0f,   -0.0f,    kTiny,     -kTiny, 1e-40f, -1e-40f,
                             1e-6f,  -1e-6f, 0.1f,   -0.1f,  0.5f,     -0.5f,     0.99f,  1.0f,   -1.0f,
                             1.01f,  2.5f,   -2.5f,  10.0f,  -10.0f,   50.0f,     -50.0f, 88.5f,  -88.5f,
                             -95.0f, 100.0f, -100.0f, 1e4f,  1e6f,     -2e6f,     1e30f,  kLargest,
                             -kLargest};
  for (float x : arguments) {
    const float expected = float(reference(double(x)));
    const float actual = f(x);
    if (std::isnan(expected) || std::isinf(expected) || expected == 0) {
      expect_same(actual, expected, name);
    } else {
      const double spacing = std::nextafter(std::fabs(expected), kInf) - std::fabs(expected);
      EXPECT_NEAR(actual, expected, (ulp + 0.5) * spacing) << name << "(" << x << ")";
    }
    const double wide = f(double(x)), expected_wide = reference(double(x));
    if (std::isnan(expected_wide) || std::isinf(expected_wide) || expected_wide == 0) {
      expect_same(wide, expected_wide, name);
    } else {
      EXPECT_NEAR(wide, expected_wide, 4e-16 * std::fabs(expected_wide)) << name << "(" << double(x) << ")";
    }
  }
}
#define FOLLOWS(name, ulp) follows_the_c_library(#name, AT(name), [](double x) { return std::name(x); }, ulp)

TEST(Math, FollowsTheCLibraryAtOrdinaryAndSpecialArguments) {
  FOLLOWS(exp, 1.0);
  FOLLOWS(exp2, 1.5);
  FOLLOWS(expm1, 2.0);
  FOLLOWS(log, 1.0);
  FOLLOWS(log2, 1.0);
  FOLLOWS(log10, 1.0);
  FOLLOWS(log1p, 2.0);
  FOLLOWS(sqrt, 0.5);
  FOLLOWS(sin, 1.0);
  FOLLOWS(cos, 1.0);
  FOLLOWS(tan, 1.0);
  FOLLOWS(asin, 1.0);
  FOLLOWS(acos, 1.0);
  FOLLOWS(atan, 1.0);
  FOLLOWS(sinh, 1.0);
  FOLLOWS(cosh, 1.0);
  FOLLOWS(tanh, 1.5);
  FOLLOWS(asinh, 1.0);
  FOLLOWS(acosh, 1.0);
  FOLLOWS(atanh, 1.0);
  FOLLOWS(erf, 1.0);
  FOLLOWS(erfc, 1.0);
  FOLLOWS(lgamma, 1.0);
  FOLLOWS(floor, 0.0);
  FOLLOWS(ceil, 0.0);
  FOLLOWS(trunc, 0.0);
}

TEST(Math, SigmoidKeepsNaNAndSubnormals) {
  const auto sigmoid = AT(sigmoid);
  SAME(sigmoid(kNaN), kNaN);
  SAME(sigmoid(kInf), 1.0f);
  SAME(sigmoid(-kInf), 0.0f);
  SAME(sigmoid(0.0f), 0.5f);
  EXPECT_NEAR(sigmoid(-100.0f), 3.7835059e-44f, 1.5e-45f);
  EXPECT_EQ(sigmoid(-745.0), 4.9406564584124654e-324);
  EXPECT_DOUBLE_EQ(sigmoid(2.0), 0.88079707797788243);
}

TEST(Math, TanhOfSmallNumbersIsThemselves) {
  const auto tanh = AT(tanh);
  for (float x : {kTiny, -kTiny, 1e-38f, 1e-10f}) SAME(tanh(x), x);
}

TEST(Math, NormalCdfIsAsGoodAsItsSum) {
  const auto normal_cdf = AT(normal_cdf);
  for (float x = -12.0f; x < 12.0f; x += 0.00037f) {
    const double exact = std::erfc(double(x) * -std::sqrt(0.5)) / 2, ulp = exact < 0.5 ? 0x1p-25 : 0x1p-24;
    EXPECT_NEAR(normal_cdf(x), exact, 1.2 * ulp) << x;
    if (x > -4.24f && x < 0.0f) {
      EXPECT_NEAR(normal_cdf(x) / exact, 1.0, 1e-4) << x;
    }
  }
  SAME(normal_cdf(-kInf), 0.0f);
  SAME(normal_cdf(-1e30f), 0.0f);
  SAME(normal_cdf(kInf), 1.0f);
  SAME(normal_cdf(1e30f), 1.0f);
  SAME(normal_cdf(-0.0f), 0.5f);
  SAME(normal_cdf(kNaN), kNaN);
}

TEST(Math, RoundingGoesToEvenAndKeepsTheSignOfZero) {
  const auto round = AT(round);
  SAME(round(0.5f), 0.0f);
  SAME(round(-0.5f), -0.0f);
  SAME(round(1.5f), 2.0f);
  SAME(round(2.5f), 2.0f);
  SAME(round(8388607.5f), 8388608.0f);
  SAME(round(4503599627370495.5), 4503599627370496.0);
  SAME(round(kNaN), kNaN);
  SAME(round(-kInf), -kInf);
}

TEST(Math, SignsAndClasses) {
  SAME(AT(sign)(kNaN), 0.0f);  // as torch.sign
  SAME(AT(sign)(-kTiny), -1.0f);
  SAME(AT(sign)(kInf), 1.0f);
  EXPECT_EQ(AT(sign)(std::int64_t(-5)), -1);
  EXPECT_EQ(AT(sign)(std::uint8_t(200)), 1);
  SAME(AT(abs)(-0.0f), 0.0f);
  EXPECT_EQ(AT(abs)(std::int8_t(-128)), -128);
  SAME(AT(copysign)(3.0f, -0.0f), -3.0f);
  SAME(AT(copysign)(kInf, -1.0f), -kInf);
  EXPECT_TRUE(AT(signbit)(-0.0));
  EXPECT_TRUE(AT(isnan)(kNaN));
  EXPECT_FALSE(AT(isnan)(kInf));
  EXPECT_TRUE(AT(isinf)(-kInf));
  EXPECT_FALSE(AT(isfinite)(kNaN));
  EXPECT_TRUE(AT(isfinite)(kLargest));
}

TEST(Math, ExtremaPropagateOrIgnoreNaN) {
  SAME(AT(maximum)(kNaN, 1.0f), kNaN);
  SAME(AT(maximum)(1.0f, kNaN), kNaN);
  SAME(AT(minimum)(1.0, double(kNaN)), kNaN);
  SAME(AT(minimum)(1.0f, -2.0f), -2.0f);
  SAME(AT(maximum)(0.0f, -0.0f), -0.0f);  // the second, as torch.maximum in its vectors
  EXPECT_EQ(AT(maximum)(std::int64_t(-5), std::int64_t(3)), 3);
  EXPECT_EQ(AT(minimum)(std::uint8_t(200), std::uint8_t(3)), 3);
  SAME(AT(fmax)(kNaN, 1.0f), 1.0f);
  SAME(AT(fmax)(1.0f, kNaN), 1.0f);
  SAME(AT(fmin)(kNaN, kNaN), kNaN);
  SAME(AT(fmin)(-kInf, 1.0f), -kInf);
}

TEST(Math, PowFollowsC99AnnexF) {
  const auto pow = AT(pow);
  SAME(pow(2.0f, 10.0f), 1024.0f);
  SAME(pow(-2.0f, 3.0f), -8.0f);
  SAME(pow(-2.0f, 2.0f), 4.0f);
  SAME(pow(-2.0f, 0.5f), kNaN);
  SAME(pow(kNaN, 0.0f), 1.0f);
  SAME(pow(1.0f, kNaN), 1.0f);
  SAME(pow(2.0f, kNaN), kNaN);
  SAME(pow(-1.0f, kInf), 1.0f);
  SAME(pow(0.0f, -1.0f), kInf);
  SAME(pow(-0.0f, -1.0f), -kInf);
  SAME(pow(-0.0f, -2.0f), kInf);
  SAME(pow(-0.0f, 3.0f), -0.0f);
  SAME(pow(-0.0f, 0.5f), 0.0f);
  SAME(pow(-kInf, 3.0f), -kInf);
  SAME(pow(-kInf, -3.0f), -0.0f);
  SAME(pow(-kInf, 0.5f), kInf);
  SAME(pow(0.5f, kInf), 0.0f);
  SAME(pow(0.5f, -kInf), kInf);
  SAME(pow(2.0f, -149.0f), kTiny);
  SAME(pow(-1.0f, 16777217.0f), 1.0f);  // the exponent rounds to 2^24, an even number
}

TEST(Math, IntegerPowWrapsAndHasPyTorchsReciprocals) {
  const auto pow = AT(pow);
  EXPECT_EQ(pow(std::int32_t(3), std::int32_t(4)), 81);
  EXPECT_EQ(pow(std::int32_t(2), std::int32_t(32)), 0);
  EXPECT_EQ(pow(std::int8_t(-3), std::int8_t(5)), std::int8_t(-243));
  EXPECT_EQ(pow(std::int64_t(2), std::int64_t(-1)), 0);
  EXPECT_EQ(pow(std::int64_t(-1), std::int64_t(-3)), -1);
  EXPECT_EQ(pow(std::int64_t(-1), std::int64_t(-2)), 1);
  EXPECT_EQ(pow(std::int64_t(0), std::int64_t(0)), 1);
  EXPECT_EQ(pow(std::uint8_t(3), std::uint8_t(200)), std::uint8_t(161));  // 3^64 = 1 modulo 256, so 3^8
}

TEST(Math, DivisionRulesForFloats) {
  SAME(AT(fmod)(-7.0f, 3.0f), -1.0f);
  SAME(AT(fmod)(-6.0f, 3.0f), -0.0f);
  SAME(AT(fmod)(1.0f, kInf), 1.0f);
  SAME(AT(fmod)(1.0f, 0.0f), kNaN);
  SAME(AT(fmod)(1e38f, 3.0f), std::fmod(1e38f, 3.0f));
  SAME(AT(remainder)(-7.0f, 3.0f), 2.0f);
  SAME(AT(remainder)(7.0f, -3.0f), -2.0f);
  SAME(AT(remainder)(-1.0, double(kInf)), kInf);
  SAME(AT(floor_divide)(-7.0f, 2.0f), -4.0f);
  SAME(AT(floor_divide)(1.0f, 0.1f), 9.0f);  // 0.1f is a little more than a tenth
  SAME(AT(floor_divide)(1.0f, 0.0f), kInf);
  SAME(AT(floor_divide)(0.0f, -2.0f), -0.0f);
}

TEST(Math, DivisionRulesForIntegers) {
  const auto check = [](auto zero) {
    using T = decltype(zero);
    EXPECT_EQ(AT(fmod)(T(-7), T(3)), T(-1));
    EXPECT_EQ(AT(remainder)(T(-7), T(3)), T(2));
    EXPECT_EQ(AT(remainder)(T(7), T(-3)), T(-2));
    EXPECT_EQ(AT(remainder)(T(-6), T(3)), T(0));
    EXPECT_EQ(AT(floor_divide)(T(-7), T(2)), T(-4));
    EXPECT_EQ(AT(floor_divide)(T(-8), T(2)), T(-4));
    EXPECT_EQ(AT(trunc_divide)(T(-7), T(2)), T(-3));
    for (int dividend : {-7, 0, 7}) {
      EXPECT_EQ(AT(fmod)(T(dividend), T(0)), T(0));
      EXPECT_EQ(AT(remainder)(T(dividend), T(0)), T(0));
      EXPECT_EQ(AT(floor_divide)(T(dividend), T(0)), T(0));
    }
    const T lowest = std::numeric_limits<T>::lowest();
    EXPECT_EQ(AT(remainder)(lowest, T(-1)), T(0));
    EXPECT_EQ(AT(floor_divide)(lowest, T(-1)), lowest);
  };
  check(std::int8_t());
  check(std::int16_t());
  check(std::int32_t());
  check(std::int64_t());
  EXPECT_EQ(AT(remainder)(std::uint8_t(200), std::uint8_t(7)), 4);
  EXPECT_EQ(AT(floor_divide)(std::uint64_t(200), std::uint64_t(7)), 28u);
}

TEST(Math, AnglesOfEveryAxisAndQuadrant) {
  for (float y : {0.0f, -0.0f, 1.0f, -1.0f, kInf, -kInf, kTiny, kLargest, kNaN}) {
    for (float x : {0.0f, -0.0f, 1.0f, -1.0f, kInf, -kInf, kTiny, kLargest, kNaN}) {
      SAME(AT(atan2)(y, x), float(std::atan2(double(y), double(x))));
    }
  }
}

TEST(Math, SinesOfHugeArguments) {  // values from long double, correctly reduced
  EXPECT_FLOAT_EQ(AT(sin)(1e10f), -0.48750603f);
  EXPECT_FLOAT_EQ(AT(sin)(kLargest), float(std::sin(double(kLargest))));
  EXPECT_FLOAT_EQ(AT(cos)(999999.9f), float(std::cos(double(999999.9f))));
  EXPECT_FLOAT_EQ(AT(tan)(1e6f), float(std::tan(1e6)));
}

TEST(Math, InverseErrorFunction) {
  const auto erfinv = AT(erfinv);
  SAME(erfinv(0.0f), 0.0f);
  SAME(erfinv(-0.0f), -0.0f);
  SAME(erfinv(1.0f), kInf);
  SAME(erfinv(-1.0f), -kInf);
  SAME(erfinv(1.5f), kNaN);
  SAME(erfinv(kNaN), kNaN);
  EXPECT_FLOAT_EQ(erfinv(0.5f), 0.47693628f);
  EXPECT_NEAR(erfinv(0.5), 0.47693627620446987, 1e-16);
  EXPECT_NEAR(std::erf(erfinv(-0.9999)), -0.9999, 1e-15);
  EXPECT_NEAR(erfinv(1 - 0x1p-53), 5.8635847487551677, 2e-15);
}

TEST(Math, DigammaHasPyTorchsPoles) {
  const auto digamma = AT(digamma);
  SAME(digamma(0.0f), -kInf);
  SAME(digamma(-0.0f), kInf);
  SAME(digamma(-3.0f), kNaN);
  SAME(digamma(kInf), kInf);
  SAME(digamma(-kInf), kNaN);
  SAME(digamma(kNaN), kNaN);
  EXPECT_NEAR(digamma(1.0), -0.57721566490153286, 2e-16);
  EXPECT_NEAR(digamma(-0.5), 0.03648997397857652, 1e-15);
  EXPECT_DOUBLE_EQ(digamma(10.0), 2.2517525890667211);
}

TEST(Math, LogarithmsOfSums) {
  const auto logaddexp = AT(logaddexp);
  const auto logaddexp2 = AT(logaddexp2);
  SAME(logaddexp(kInf, kInf), kInf);
  SAME(logaddexp(-kInf, -kInf), -kInf);
  SAME(logaddexp(kInf, -kInf), kInf);
  SAME(logaddexp(-kInf, 2.0f), 2.0f);
  SAME(logaddexp(kNaN, 2.0f), kNaN);
  SAME(logaddexp(double(2.0f), double(kNaN)), kNaN);
  EXPECT_FLOAT_EQ(logaddexp(0.0f, 0.0f), 0.69314718f);
  EXPECT_FLOAT_EQ(logaddexp(1000.0f, 1000.5f), 1000.97408f);
  SAME(logaddexp2(3.0f, 3.0f), 4.0f);
  EXPECT_DOUBLE_EQ(logaddexp2(1.0, 0.0), 1.5849625007211561);
  SAME(AT(xlogy)(0.0f, 0.0f), 0.0f);
  SAME(AT(xlogy)(0.0f, -1.0f), 0.0f);
  SAME(AT(xlogy)(0.0f, kNaN), kNaN);
  SAME(AT(xlogy)(2.0f, 0.0f), -kInf);
  SAME(AT(xlogy)(2.0, -1.0), kNaN);
}

TEST(Math, FusedProductAndSumRoundsOnce) {
  const auto fma = AT(fma);
  const auto emulated = AT(detail::fma_by_rounding_to_odd);
  SAME(fma(kInf, 0.0f, 1.0f), kNaN);
  SAME(fma(kLargest, 2.0f, -kInf), -kInf);
  SAME(fma(0x1.000002p0f, 0x1.000002p0f, -0x1.000004p0f), 0x1p-46f);
  SAME(fma(0x1p-75f, 0x1p-75f, 0.0f), 0.0f);
  SAME(fma(0x1.000002p0, 3.0, 1.0), 0x1.000002p0 * 3.0 + 1.0);
  std::uint32_t state = 1;
  const auto random = [&state] {
    state = state * 1664525u + 1013904223u;
    std::uint32_t bits = (state & 0x807fffffu) | ((100 + (state >> 25) % 56) << 23);
    float value;
    std::memcpy(&value, &bits, sizeof value);
    return value;
  };
  for (int i = 0; i < 200000; ++i) {
    const float a = random(), b = random(), c = random();
    const float expected = std::fma(a, b, c);
    ASSERT_EQ(fma(a, b, c), expected) << a << " " << b << " " << c;
    ASSERT_EQ(emulated(a, b, c), expected) << a << " " << b << " " << c;
  }
  // Sums halfway between two float32 in float64, which rounding twice gets wrong.
  SAME(emulated(0x1.000002p0f, 0x1p-60f, 0x1.000002p1f), std::fma(0x1.000002p0f, 0x1p-60f, 0x1.000002p1f));
  SAME(emulated(0x1.8p-24f, 0x1.555556p-1f, 1.0f), std::fma(0x1.8p-24f, 0x1.555556p-1f, 1.0f));
  SAME(emulated(0x1.8p-24f, 0x1.555554p-1f, 1.0f), std::fma(0x1.8p-24f, 0x1.555554p-1f, 1.0f));
}

TEST(Math, LengthsScalesAndNeighbours) {
  SAME(AT(hypot)(3.0f, 4.0f), 5.0f);
  SAME(AT(hypot)(kNaN, -kInf), kInf);
  SAME(AT(hypot)(3e38f, 0.0f), 3e38f);
  SAME(AT(hypot)(kTiny, 0.0f), kTiny);
  SAME(AT(nextafter)(0.0f, 1.0f), kTiny);
  SAME(AT(nextafter)(1.0, 2.0), 1.0000000000000002);
  SAME(lockstep::ldexp(Lanes<float, kLanes>(kTiny), Lanes<std::int32_t, kLanes>(149))[0], 1.0f);
  SAME(AT(rsqrt)(0.0f), kInf);
  SAME(AT(rsqrt)(-0.0f), -kInf);
  SAME(AT(rsqrt)(4.0), 0.5);
  SAME(AT(reciprocal)(-kInf), -0.0f);
}

}  // namespace
