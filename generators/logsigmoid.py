"""logsigmoid: the logarithm of the sigmoid, computed without ever forming it."""
from torch import Tensor
from torch.nn import Linear, LogSigmoid, Sequential
from torch.nn.functional import logsigmoid

from lockstep.cases import case, normal, special, uniform, values


def of_transposed(x: Tensor) -> Tensor:
    return logsigmoid(x.transpose(0, 1))

LOG_OF_SIGMOID = {"onnx": "the exporter writes the logarithm of the sigmoid, which loses the tails"}


def cases():
    yield case("matrix", LogSigmoid(), normal(3, 7, std=2.0), dtypes=("float32", "float64"))
    yield case("feature_map", LogSigmoid(), normal(2, 3, 5, 4))
    yield case("left_tail", LogSigmoid(), uniform(12, low=-200.0, high=-80.0), gaps=LOG_OF_SIGMOID,
               because="the sigmoid is zero here and its logarithm would be minus infinity")
    yield case("right_tail", LogSigmoid(), uniform(12, low=15.0, high=60.0), gaps=LOG_OF_SIGMOID,
               because="the sigmoid rounds to one here and its logarithm would be zero")
    yield case("special_values", LogSigmoid(), special(25))
    yield case("zero_dim", LogSigmoid(), values(-1.5))
    yield case("empty", LogSigmoid(), normal(0, 4))
    yield case("transposed", of_transposed, normal(3, 5))
    yield case("after_linear", Sequential(Linear(6, 4), LogSigmoid()), normal(5, 6))
    yield case("dynamic_batch", LogSigmoid(), normal(3, 4), dynamic={0: {0: "batch"}})
