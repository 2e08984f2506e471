#include "compare.hpp"

#include <algorithm>
#include <cmath>
#include <cstdio>
#include <cstring>
#include <limits>

#include "lockstep/abi.h"

namespace lockstep_test {
namespace {

using Real = long double;

template <class T>
T load(const unsigned char* at) {
  T value;
  std::memcpy(&value, at, sizeof value);
  return value;
}

// IEEE binary16: 5 bits of exponent, 10 of fraction.
float float16(std::uint16_t bits) {
  const int exponent = bits >> 10 & 31, fraction = bits & 1023;
  const float magnitude = exponent == 31 ? (fraction ? std::nanf("") : HUGE_VALF)
                          : exponent     ? std::ldexp(1024.0f + static_cast<float>(fraction), exponent - 25)
                                         : std::ldexp(static_cast<float>(fraction), -24);
  return bits >> 15 ? -magnitude : magnitude;
}

float bfloat16(std::uint16_t bits) {
  const std::uint32_t wide = static_cast<std::uint32_t>(bits) << 16;
  float value;
  std::memcpy(&value, &wide, sizeof value);
  return value;
}

Real real(int dtype, const unsigned char* at) {
  switch (dtype) {
    case LOCKSTEP_INT8: return load<std::int8_t>(at);
    case LOCKSTEP_INT16: return load<std::int16_t>(at);
    case LOCKSTEP_INT32: return load<std::int32_t>(at);
    case LOCKSTEP_INT64: return static_cast<Real>(load<std::int64_t>(at));
    case LOCKSTEP_UINT16: return load<std::uint16_t>(at);
    case LOCKSTEP_UINT32: return load<std::uint32_t>(at);
    case LOCKSTEP_UINT64: return static_cast<Real>(load<std::uint64_t>(at));
    case LOCKSTEP_FLOAT16: return float16(load<std::uint16_t>(at));
    case LOCKSTEP_BFLOAT16: return bfloat16(load<std::uint16_t>(at));
    case LOCKSTEP_FLOAT32: return load<float>(at);
    case LOCKSTEP_FLOAT64: return load<double>(at);
    default: return load<std::uint8_t>(at);  // bool (2 is no bool, and must show) and uint8
  }
}

struct Format {
  int mantissa_bits;
  int least_exponent;  // of the smallest denormal; an integer's only spacing is 1
  int digits;          // decimals that tell any two numbers apart
};

Format format_of(int dtype) {
  switch (dtype) {
    case LOCKSTEP_FLOAT16: return {11, -24, 5};
    case LOCKSTEP_BFLOAT16: return {8, -133, 4};
    case LOCKSTEP_FLOAT32: return {24, -149, 9};
    case LOCKSTEP_FLOAT64: return {53, -1074, 17};
    default: return {0, 0, 0};
  }
}

bool is_float(int dtype) { return format_of(dtype).mantissa_bits != 0; }

// The distance from |x| to the next number that the dtype holds.
Real ulp(int dtype, Real x) {
  if (!is_float(dtype)) return 1;
  const Format format = format_of(dtype);
  int exponent = 0;
  std::frexp(x, &exponent);
  return std::ldexp(Real(1), x == 0 ? format.least_exponent
                                    : std::max(exponent - format.mantissa_bits, format.least_exponent));
}

std::string number(const char* format, Real x) {
  char text[64];
  std::snprintf(text, sizeof text, format, x);
  return text;
}

std::string value_text(int dtype, Real x) {
  if (!is_float(dtype)) return number("%.0Lf", x);
  char text[64];
  std::snprintf(text, sizeof text, "%.*Lg", format_of(dtype).digits, x);
  return text;
}

std::string index_text(std::int64_t flat, const std::vector<std::int64_t>& dims) {
  std::vector<std::int64_t> index(dims.size());
  for (std::size_t axis = dims.size(); axis-- > 0; flat /= dims[axis]) index[axis] = flat % dims[axis];
  return dims_text(index);
}

// One element as it was judged.
struct Element {
  enum class Verdict { right, undecided, outside } verdict;
  Real was, truth, bound;
  double ratio;  // |was - truth| / bound

  bool worse_than(const Element& other) const {
    return ratio > other.ratio || (ratio == other.ratio && distance() > other.distance());
  }
  Real distance() const {
    const Real d = std::fabs(was - truth);
    return std::isnan(d) ? std::numeric_limits<Real>::infinity() : d;
  }
};

class Judge {
 public:
  Judge(const void* was, const Answer& answer)
      : answer_(answer), dims_(parts_dims(answer.output)), dtype_(part_dtype(answer.output.dtype)), size_(item_size(dtype_)),
        was_(static_cast<const unsigned char*>(was)), should_(answer.output.bytes.data()) {}

  Element element(std::int64_t k) const {
    const auto at = static_cast<std::size_t>(k);
    const unsigned char* was_at = was_ + at * size_;
    const unsigned char* should_at = should_ + at * size_;
    const Real was = real(dtype_, was_at), should = real(dtype_, should_at);
    Real bound = answer_.bound.empty() ? 0 : answer_.bound[at];
    const bool same = std::memcmp(was_at, should_at, size_) == 0;
    if (std::isnan(should)) return exact(std::isnan(was), was, should);
    if (std::isinf(should)) return exact(same, was, should);
    if (!std::isfinite(bound)) return {Element::Verdict::undecided, was, should, bound, 0};
    if (bound == 0) return exact(same, was, should);
    Real truth = should;
    if (dtype_ == LOCKSTEP_FLOAT64) bound += ulp(dtype_, should) / 2;
    else if (!answer_.truth.empty()) truth = answer_.truth[at];
    const Real distance = std::fabs(was - truth);
    const double ratio = std::isnan(distance) ? HUGE_VAL : static_cast<double>(distance / bound);
    return {distance <= bound ? Element::Verdict::right : Element::Verdict::outside, was, truth, bound, ratio};
  }

  // was 1.00000012, should be 1 +- 6e-08, at [0,2]: off by 1 ULP, 2 times its bound
  std::string text(std::int64_t k, const Element& e) const {
    std::string text = "was " + value_text(dtype_, e.was) + ", should be " + value_text(dtype_, e.truth);
    if (e.bound > 0) text += number(" +- %.3Lg", e.bound);
    text += ", at " + index_text(k, dims_);
    if (std::isfinite(e.was) && std::isfinite(e.truth)) {
      const Real off = std::fabs(e.was - e.truth) / ulp(dtype_, e.truth);
      text += number(is_float(dtype_) ? ": off by %.3Lg ULP" : ": off by %.20Lg", off);
    } else {
      text += ": another class of number";
    }
    return text + (e.bound > 0 ? number(", %.3Lg times its bound", e.ratio) : ", its bound is 0 (bit-exact)");
  }

 private:
  static Element exact(bool right, Real was, Real should) {
    return {right ? Element::Verdict::right : Element::Verdict::outside, was, should, 0, right ? 0 : HUGE_VAL};
  }

  const Answer& answer_;
  std::vector<std::int64_t> dims_;  // a complex number is two elements, judged each by itself
  int dtype_;
  std::size_t size_;
  const unsigned char *was_, *should_;
};

}  // namespace

Comparison compare(const void* was, const Answer& answer) {
  const Judge judge(was, answer);
  const auto count = static_cast<std::int64_t>(answer.output.bytes.size() / item_size(part_dtype(answer.output.dtype)));
  Comparison result;
  std::int64_t first_at = -1, worst_at = -1;
  Element first{}, worst{};
  for (std::int64_t k = 0; k < count; ++k) {
    const Element e = judge.element(k);
    result.worst = std::fmax(result.worst, e.ratio);
    result.undecided += e.verdict == Element::Verdict::undecided;
    if (e.verdict != Element::Verdict::outside) continue;
    ++result.outside;
    if (first_at < 0) first = e, first_at = k;
    if (worst_at < 0 || e.worse_than(worst)) worst = e, worst_at = k;
  }
  if (result.outside == 0) return result;
  result.report = std::to_string(result.outside) + " of " + std::to_string(count) + " elements are outside their bounds" +
                  "\n  first: " + judge.text(first_at, first);
  if (worst_at != first_at) result.report += "\n  worst: " + judge.text(worst_at, worst);
  return result;
}

}  // namespace lockstep_test
