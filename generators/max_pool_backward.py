"""max_pool_backward: gradients of a maximum pooling put back to where the maxima came from."""
import torch
from torch import Tensor, nn

from lockstep.cases import case, normal


class Backward(nn.Module):
    def __init__(self, kernel: tuple[int, int], stride: tuple[int, int], padding: tuple[int, int] = (0, 0),
                 dilation: tuple[int, int] = (1, 1), ceil_mode: bool = False):
        super().__init__()
        self.attributes = [list(kernel), list(stride), list(padding), list(dilation), ceil_mode]

    def forward(self, x: Tensor, gradient: Tensor) -> Tensor:
        places = torch.ops.aten.max_pool2d_with_indices(x, *self.attributes)[1]
        return torch.ops.aten.max_pool2d_with_indices_backward(gradient, x, *self.attributes, places)


def cases():
    yield case("apart", Backward((2, 2), (2, 2)), normal(2, 3, 6, 4), normal(2, 3, 3, 2), dtypes=("float32", "float64"))
    yield case("overlapping", Backward((3, 3), (1, 1)), normal(1, 2, 6, 5), normal(1, 2, 4, 3),
               because="a maximum of several windows gets the sum of their gradients")
    yield case("everything", Backward((2, 3), (2, 1), (1, 1), (1, 2), True), normal(1, 2, 6, 7), normal(1, 2, 4, 5))
    yield case("unbatched", Backward((2, 2), (2, 2)), normal(3, 6, 4), normal(3, 3, 2))
