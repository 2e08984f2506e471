"""Bessel functions of order 0 and 1, modified ones, and Airy's function.

PyTorch's rationals for J, Y and Ai lack the leading coefficient of several denominators (Cephes takes it as 1),
which puts them up to 6e-6 of the amplitude off the exact functions near x = 5 and x = -2.09. PyTorch is the
reference, so they stand here as it evaluates them. What PyTorch computes to the last bits is a scalar function.
"""
from __future__ import annotations

import math

from ..graph import functions as f
from . import aten
from .aten_mathematics import on_reals
from .common import Tensor, floating

# Numerator and denominator, from the highest power down: Stephen L. Moshier's tables of the Cephes
# Mathematical Library (1989), in the lengths in which PyTorch reads them.
_RATIOS = {
    "P of order 0": (
        (0.0007969367292973471, 0.08283523921074408, 1.239533716464143, 5.447250030587687,
         8.74716500199817, 5.303240382353949, 1.0),
        (0.0009244088105588637, 0.08562884743544745, 1.2535274390105895, 5.470977403304171,
         8.761908832370695, 5.306052882353947, 1.0)),
    "Q of order 0": (
        (-0.011366383889846916, -1.2825271867050931, -19.553954425773597, -93.20601521237683,
         -177.68116798048806, -147.07750515495118, -51.41053267665993, -6.050143506007285),
        (64.3178256118178, 856.4300259769806, 3882.4018360540163, 7240.467741956525, 5930.727011873169,
         2062.0933166032783, 242.0057402402914)),
    "P of order 1": (
        (0.0007621256162081731, 0.07313970569409176, 1.1271960812968493, 5.112079511468076,
         8.424045901417724, 5.214515986823615, 1.0),
        (0.0005713231280725487, 0.06884559087544954, 1.105142326340617, 5.073863861286015,
         8.399855543276042, 5.209828486823619, 1.0)),
    "Q of order 1": (
        (0.05108625947501766, 4.982138729512334, 75.82382841325453, 366.7796093601508, 710.8563049989261,
         597.4896124006136, 211.68875710057213, 25.207020585802372),
        (74.23732770356752, 1056.4488603826283, 4986.410583376536, 9562.318924047562, 7997.041604473507,
         2826.1927851763908, 336.0936078106983)),
    "j0": (
        (-4794432209.782018, 1956174919465.5657, -249248344360967.72, 9708622510473064.0),
        (499.563147152651, 173785.4016763747, 48440965.83399621, 11185553704.535683, 2112775201154.892,
         310518229857422.56, 3.1812195594320496e+16, 1.7108629408104315e+18)),
    "j1": (
        (-899971225.7055594, 452228297998.19403, -72749424522181.83, 3682957328638529.0),
        (620.8364781180543, 256987.25675774884, 83514679.14319493, 22151159547.97925, 4749141220799.914,
         784369607876235.9, 8.952223361846274e+16, 5.322786203326801e+18)),
    "y0": (
        (15592.436785523574, -14663929.59039716, 5435264770.518765, -982136065717.9115, 87590639439536.7,
         -3466283033847297.0, 4.4273326857256984e+16, -1.8495080043698668e+16),
        (1041.2835366425984, 626107.330137135, 268919633.39381415, 86400248710.3935, 20297961275010.555,
         3171577528429750.5, 2.5059625617265306e+17)),
    "y1": (
        (1263204747.9017804, -647355876379.1603, 114509511541823.73, -8127702555013251.0,
         2.024394757135949e+17, -7.788771962659501e+17),
        (594.3015923461282, 235564.09294306856, 73481194.44597217, 18760131610.870617, 3882312774962.3857,
         620557727146953.8, 6.871410873553005e+16, 3.9727060811656064e+18)),
    "airy right": (
        (0.346538101525629, 12.007595273964581, 76.27960536152345, 168.08922493463058, 159.75639135016442,
         70.53609068404442, 14.026469116338967, 1.0),
        (0.5675945326387702, 14.75625625848472, 84.51389701414746, 177.31808814540045, 164.2346928715297,
         71.47784008255756, 14.095913560783403, 1.0)),
    "airy sine": (
        (-0.1316963234183318, -0.6264565444319123, -0.6931580360369335, -0.2797799815451191,
         -0.04919001326095003, -0.004062659235948854, -0.0001592764962392621, -2.776491081552329e-06,
         -1.6778769848911465e-08),
        (13.356042070655324, 32.682503279522464, 26.736704094149957, 9.187074029072596, 1.4752914677166642,
         0.11568717379518804, 0.004402916416152112, 7.547203482874142e-05, 4.5185009297058035e-07)),
    "airy cosine": (
        (0.01973399320916857, 0.39110302961568827, 1.0657989759959559, 0.9391692298166502,
         0.35146565610554764, 0.06338889196289255, 0.005858041130483885, 0.000282851600836737,
         6.98793669997261e-06, 8.117892395543892e-08, 3.415517847659236e-10),
        (9.30892908077442, 19.835292871831214, 15.564662893286462, 5.476860694229755, 0.9542936116189619,
         0.08645808263523921, 0.004126565238242226, 0.00010125908511650914, 1.1716673321441352e-06,
         4.9183457006293e-09)),
}
_ROOTS = {"j0": (5.78318596294678452118, 30.4712623436620863991),          # squares of the first two roots
          "j1": (14.6819706421238932572, 49.2184563216946036703)}


def ratio(name: str, x: Tensor) -> Tensor:
    """A rational function by Horner's rule."""
    numerator, denominator = (_polynomial(x, coefficients) for coefficients in _RATIOS[name])
    return numerator / denominator


def _polynomial(x: Tensor, coefficients) -> Tensor:
    result = x * coefficients[0] + coefficients[1]
    for coefficient in coefficients[2:]:
        result = result * x + coefficient
    return result


def _first_kind_near(x: Tensor, order: int) -> Tensor:
    """J for |x| <= 5: its first two roots are factors, so that it stays accurate at them."""
    square, (first, second) = x * x, _ROOTS[f"j{order}"]
    rest = ratio(f"j{order}", square) * (square - first) * (square - second)
    return rest if order == 0 else x * rest


def _far(x: Tensor, order: int, second_kind: bool) -> Tensor:
    """J or Y for x > 5: sqrt(2 / pi x) times P cos a - Q sin a or P sin a + Q cos a with
    a = x - (order / 2 + 1/4) pi (Abramowitz and Stegun 9.2.5, 9.2.6)."""
    inverse = 5.0 / x
    p = ratio(f"P of order {order}", inverse * inverse)
    q = ratio(f"Q of order {order}", inverse * inverse) * inverse
    angle = x - (2 * order + 1) * math.pi / 4
    wave = p * f.sin(angle) + q * f.cos(angle) if second_kind else p * f.cos(angle) - q * f.sin(angle)
    return wave * math.sqrt(2 / math.pi) / f.sqrt(x)


@aten("special_bessel_j0.default")
def bessel_j0(x):
    x = f.absolute(floating(x))
    near = f.where(x < 1e-5, 1 - x * x / 4, _first_kind_near(x, 0))
    return f.where(x <= 5, near, _far(x, 0, second_kind=False))


@aten("special_bessel_j1.default")
def bessel_j1(x):
    x = floating(x)
    far = _far(f.absolute(x), 1, second_kind=False)
    return f.where(f.absolute(x) <= 5, _first_kind_near(x, 1), f.where(x < 0, -far, far))


def _second_kind(x: Tensor, order: int, near: Tensor) -> Tensor:
    """Y: minus infinity at zero, NaN left of it."""
    near = f.where(f.equal(x, 0), -math.inf, f.where(x < 0, math.nan, near))
    return f.where(x <= 5, near, _far(x, order, second_kind=True))


@aten("special_bessel_y0.default")
def bessel_y0(x):
    x = floating(x)
    return _second_kind(x, 0, ratio("y0", x * x) + f.log(x) * bessel_j0(x) * (2 / math.pi))


@aten("special_bessel_y1.default")
def bessel_y1(x):
    x = floating(x)
    return _second_kind(x, 1, x * ratio("y1", x * x) + (bessel_j1(x) * f.log(x) - 1 / x) * (2 / math.pi))


@aten("i0.default", "special_i0.default", "special_modified_bessel_i0.default")
def modified_i0(x):
    """Infinite where the exponential is, as PyTorch's."""
    x = floating(x)
    return f.exp(f.absolute(x)) * f.i0e(x)


@aten("special_i1.default", "special_modified_bessel_i1.default")
def modified_i1(x):
    x = floating(x)
    return f.exp(f.absolute(x)) * f.i1e(x)


@aten("special_modified_bessel_k0.default")
def modified_k0(x):
    x = floating(x)
    return f.exp(-x) * f.k0e(x)


@aten("special_modified_bessel_k1.default")
def modified_k1(x):
    x = floating(x)
    return f.exp(-x) * f.k1e(x)


for _name, _function in {"i0e": f.i0e, "i1e": f.i1e, "scaled_modified_bessel_k0": f.k0e,
                         "scaled_modified_bessel_k1": f.k1e}.items():
    aten(f"special_{_name}.default")(on_reals(_function))


@aten("special_spherical_bessel_j0.default")
def spherical_bessel_j0(x):
    """sin(x) / x; near zero its Taylor series."""
    x = floating(x)
    near = _polynomial(x * x, [(-1) ** k / math.factorial(2 * k + 1) for k in range(6, -1, -1)])
    return f.where(f.isinf(x), 0, f.where(f.absolute(x) < 0.5, near, f.sin(x) / x))


def _airy_series(x: Tensor) -> Tensor:
    """Ai(0) f(x) + Ai'(0) g(x) with the power series f and g (Abramowitz and Stegun 10.4.2)."""
    cube, even, odd = x * x * x, 1.0, 1.0
    for k in range(13, 0, -1):
        even = cube * even * (1 / (3 * k * (3 * k - 1))) + 1
        odd = cube * odd * (1 / (3 * k * (3 * k + 1))) + 1
    return even * 0.355028053887817239260 - x * odd * 0.258819403792806798405


@aten("special_airy_ai.default")
def airy_ai(x):
    """Ai: zero from 103.892 on and NaN at both infinities, as PyTorch has it."""
    x = floating(x)
    size = f.absolute(x)
    zeta = size * f.sqrt(size) * 2 / 3
    inverse, root = 1 / zeta, f.sqrt(f.sqrt(size))
    right = ratio("airy right", inverse) / root * f.exp(-zeta) * (0.5 / math.sqrt(math.pi))
    angle, square = zeta + math.pi / 4, inverse * inverse
    wave = f.sin(angle) * (1 + square * ratio("airy sine", square)) - \
        f.cos(angle) * (inverse * ratio("airy cosine", square))
    left = wave / root * (1 / math.sqrt(math.pi))
    value = f.where(x < -2.09, left, f.where(x >= 2.09, right, _airy_series(x)))
    return f.where(f.isinf(x), math.nan, f.where(x > 103.892, 0, value))
