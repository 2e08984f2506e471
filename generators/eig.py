"""eig: eigenvalues of general matrices, and what eigenvectors rebuild whatever their order and phase."""
import torch
from torch import Tensor, nn

from lockstep.cases import case, normal, values


class Rebuilt(nn.Module):
    """A V less V diag(values), which is zero; and the sum of the eigenvalues and of their squares, real and imaginary."""

    def forward(self, x: Tensor) -> tuple[Tensor, Tensor, Tensor, Tensor]:
        eigenvalues, vectors = torch.linalg.eig(x)
        left = x @ vectors.real - (vectors * eigenvalues.unsqueeze(-2)).real
        squares = (eigenvalues * eigenvalues).sum(-1)
        lengths = (vectors.real.square() + vectors.imag.square()).sum(-2)
        return left, torch.stack([eigenvalues.real.sum(-1), eigenvalues.imag.sum(-1)]), squares.real, lengths


class Sorted(nn.Module):
    """Real parts and magnitudes of the eigenvalues, in order."""

    def forward(self, x: Tensor) -> tuple[Tensor, Tensor, Tensor]:
        eigenvalues = torch.linalg.eigvals(x)
        return (torch.sort(eigenvalues.real, dim=-1)[0], torch.sort(eigenvalues.imag, dim=-1)[0],
                torch.sort(eigenvalues.abs(), dim=-1)[0])


def companion(*coefficients: float) -> list[list[float]]:
    """The matrix whose eigenvalues are the roots of x^n + c_1 x^(n-1) + ... + c_n."""
    n = len(coefficients)
    return [[-c for c in coefficients]] + [[float(i == j) for j in range(n)] for i in range(n - 1)]


def cases():
    for name, model in (("vectors", Rebuilt()), ("values", Sorted())):
        yield case(name, model, normal(5, 5), dtypes=("float32", "float64"))
        yield case(f"{name}_batch", model, normal(2, 3, 4, 4))
        yield case(f"{name}_larger", model, normal(25, 25))
        yield case(f"{name}_one_element", model, normal(2, 1, 1))
        yield case(f"{name}_two", model, normal(4, 2, 2))
        yield case(f"{name}_empty", model, normal(0, 3, 3))
        yield case(f"{name}_real_roots", model, values(companion(-6.0, 11.0, -6.0)), because="the roots are 1, 2 and 3")
        yield case(f"{name}_turn", model, values([[0.0, -1.0], [1.0, 0.0]]), because="the eigenvalues are i and -i")
        yield case(f"{name}_triangular", model, values([[1.0, 2.0, 3.0], [0.0, 4.0, 5.0], [0.0, 0.0, -6.0]]))
        yield case(f"{name}_cycle", model, values([[0.0, 0.0, 0.0, 1.0], [1.0, 0.0, 0.0, 0.0], [0.0, 1.0, 0.0, 0.0],
                                                   [0.0, 0.0, 1.0, 0.0]]),
                   because="the shifts of ordinary QR steps leave a cyclic permutation as it is")
        yield case(f"{name}_dynamic", model, normal(3, 4, 4), dynamic={0: {0: "batch"}})
