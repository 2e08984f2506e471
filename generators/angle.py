"""angle: the argument of real numbers: zero, or pi below zero."""
import torch

from lockstep.cases import case, normal, special


def cases():
    yield case("angle", torch.angle, normal(3, 5), dtypes=("float32", "float64", "int64", "bool"))
    yield case("special_values", torch.angle, special(25), dtypes=("float32", "float64"))
    yield case("dynamic", torch.angle, normal(3, 4), dynamic={0: {0: "batch"}})
