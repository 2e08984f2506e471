"""losses: how far predictions are from targets, as one number or one for each element."""
import torch
from torch import Tensor, nn

from lockstep.cases import case, integers, normal, special, uniform, values


class CrossEntropyOfProbabilities(nn.Module):
    """Cross entropy with a target that is a distribution instead of a class."""

    def __init__(self, label_smoothing: float) -> None:
        super().__init__()
        self.loss = nn.CrossEntropyLoss(label_smoothing=label_smoothing)

    def forward(self, logits: Tensor, target_logits: Tensor) -> Tensor:
        return self.loss(logits, torch.softmax(target_logits, dim=1))


class NegativeLogLikelihood(nn.Module):
    """The loss of the logarithm of a softmax."""

    def __init__(self, reduction: str) -> None:
        super().__init__()
        self.loss = nn.NLLLoss(reduction=reduction)

    def forward(self, logits: Tensor, classes: Tensor) -> Tensor:
        return self.loss(torch.log_softmax(logits, dim=1), classes)


class Divergence(nn.Module):
    """The Kullback-Leibler divergence of two softmaxes."""

    def __init__(self, reduction: str, log_target: bool = False) -> None:
        super().__init__()
        self.loss = nn.KLDivLoss(reduction=reduction, log_target=log_target)
        self.log_target = log_target

    def forward(self, logits: Tensor, target_logits: Tensor) -> Tensor:
        target = torch.log_softmax(target_logits, dim=1)
        if not self.log_target:
            target = target.exp()
        return self.loss(torch.log_softmax(logits, dim=1), target)


def multilabel(x: Tensor, target: Tensor) -> Tensor:
    return nn.functional.multilabel_margin_loss(x, target, reduction="none")


class Gaussian(nn.Module):
    """The likelihood of a normal distribution whose variances are positive by a softplus."""

    def __init__(self, **options) -> None:
        super().__init__()
        self.loss = nn.GaussianNLLLoss(**options)

    def forward(self, x: Tensor, target: Tensor, spread: Tensor) -> Tensor:
        return self.loss(x, target, nn.functional.softplus(spread))


def cases():
    for reduction in ("none", "mean", "sum"):
        yield case(f"gaussian_{reduction}", Gaussian(reduction=reduction), normal(3, 4), normal(3, 4), normal(3, 4),
                   dtypes=("float32", "float64"))
    yield case("multilabel_margin", multilabel, values([[0.1, 0.2, 0.4, 0.8], [1.0, 2.0, 3.0, 4.0], [0.5, 0.25, 0.1, 0.0]]),
               values([[3, 0, -1, 1], [2, 2, 2, -1], [-1, 0, 1, 2]], dtype="int64"), dtypes=("float32", "float64"),
               because="what follows the first -1 is not a label")
    yield case("multilabel_margin_special_values", multilabel,
               values([[float("nan"), 1.0, 2.0, 3.0], [1.0, float("nan"), 2.0, 0.0], [float("inf"), 1.0, float("-inf"), 2.0]]),
               values([[1, 2, -1, 0], [1, -1, 0, 0], [0, 2, -1, -1]], dtype="int64"), because="PyTorch does not count NaN")
    yield case("gaussian_full", Gaussian(full=True, eps=0.5), normal(3, 4), normal(3, 4), normal(3, 4))
    yield case("gaussian_one_variance", Gaussian(), normal(3, 4), normal(3, 4), normal(3))
    weight = torch.tensor([0.5, 2.0, 1.25, 0.75])
    for reduction in ("none", "mean", "sum"):
        for name, loss in (("mse", nn.MSELoss), ("l1", nn.L1Loss), ("smooth_l1", nn.SmoothL1Loss),
                           ("huber", nn.HuberLoss), ("bce_with_logits", nn.BCEWithLogitsLoss)):
            yield case(f"{name}_{reduction}", loss(reduction=reduction), normal(4, 5, std=1.5),
                       uniform(4, 5))
        yield case(f"cross_entropy_{reduction}", nn.CrossEntropyLoss(reduction=reduction), normal(5, 4),
                   integers(5, low=0, high=4))
        yield case(f"cross_entropy_weight_{reduction}", nn.CrossEntropyLoss(weight, reduction=reduction),
                   normal(5, 4),
                   integers(5, low=0, high=4), keep_weights=True,
                   because="the mean is divided by the weights' sum")
        yield case(f"nll_{reduction}", NegativeLogLikelihood(reduction), normal(5, 4),
                   integers(5, low=0, high=4))
        yield case(f"divergence_{reduction}", Divergence(reduction), normal(3, 4), normal(3, 4))
    for name, loss in (("mse", nn.MSELoss()), ("l1", nn.L1Loss())):
        yield case(f"{name}_types", loss, normal(3, 4), normal(3, 4), dtypes=("float32", "float64"))
        yield case(f"{name}_dynamic", loss, normal(3, 4), normal(3, 4),
                   dynamic={0: {0: "batch"}, 1: {0: "batch"}})
    kinks = (values([0.0, 0.5, -0.5, 0.4999, 2.0, -2.0, 0.25]), values([0.0] * 7))
    yield case("smooth_l1_beta", nn.SmoothL1Loss(beta=0.5, reduction="none"), *kinks)
    yield case("smooth_l1_beta_zero", nn.SmoothL1Loss(beta=0.0, reduction="none"), *kinks)
    yield case("huber_delta", nn.HuberLoss(delta=0.5, reduction="none"), *kinks)
    yield case("mse_special_values", nn.MSELoss(reduction="none"), special(25), normal(25))
    yield case("bce_with_logits_large", nn.BCEWithLogitsLoss(reduction="none"),
               uniform(12, low=-200.0, high=200.0),
               uniform(12), because="exp overflows unless the sign of the logit is used")
    yield case("bce_with_logits_weights",
               nn.BCEWithLogitsLoss(weight=torch.tensor([1.0, 0.5, 3.0]),
                                    pos_weight=torch.tensor([2.0, 0.25, 4.0])),
               normal(4, 3), uniform(4, 3), keep_weights=True)
    yield case("bce_clamped", nn.BCELoss(reduction="none"), values([0.0, 1.0, 1.0, 0.0, 0.3, 1e-40]),
               values([1.0, 0.0, 1.0, 0.0, 0.6, 1.0]), because="each logarithm is bounded below by -100")
    yield case("cross_entropy_smoothing", nn.CrossEntropyLoss(label_smoothing=0.2), normal(5, 4),
               integers(5, low=0, high=4))
    yield case("cross_entropy_weight_and_smoothing", nn.CrossEntropyLoss(weight, label_smoothing=0.2),
               normal(5, 4),
               integers(5, low=0, high=4), keep_weights=True)
    yield case("cross_entropy_ignored", nn.CrossEntropyLoss(ignore_index=2, reduction="none"), normal(5, 4),
               values([0, 2, 1, 2, 3], dtype="int64"))
    yield case("cross_entropy_ignored_mean", nn.CrossEntropyLoss(ignore_index=-100), normal(5, 4),
               values([0, -100, 1, -100, 3], dtype="int64"),
               because="the mean is over the classes not ignored")
    yield case("cross_entropy_all_ignored", nn.CrossEntropyLoss(), normal(2, 4),
               values([-100, -100], dtype="int64"),
               because="the mean of nothing is NaN")
    yield case("cross_entropy_of_pixels", nn.CrossEntropyLoss(weight, reduction="none"), normal(2, 4, 3, 5),
               integers(2, 3, 5, low=0, high=4), keep_weights=True)
    yield case("cross_entropy_of_probabilities", CrossEntropyOfProbabilities(0.0), normal(3, 4),
               normal(3, 4))
    yield case("cross_entropy_of_smoothed_probabilities", CrossEntropyOfProbabilities(0.1), normal(3, 4),
               normal(3, 4))
    yield case("cross_entropy_large_logits", nn.CrossEntropyLoss(), uniform(3, 4, low=-900.0, high=900.0),
               integers(3, low=0, high=4))
    yield case("cross_entropy_one_example", nn.CrossEntropyLoss(), normal(4), values(2, dtype="int64"))
    yield case("cross_entropy_dynamic", nn.CrossEntropyLoss(), normal(3, 4), integers(3, low=0, high=4),
               dynamic={0: {0: "batch"}, 1: {0: "batch"}})
    yield case("nll_of_pixels", NegativeLogLikelihood("mean"), normal(2, 3, 4, 5),
               integers(2, 4, 5, low=0, high=3))
    yield case("divergence_batchmean", Divergence("batchmean"), normal(3, 4), normal(3, 4))
    yield case("divergence_log_target", Divergence("none", True), normal(3, 4), normal(3, 4))
    yield case("divergence_zero_target", nn.KLDivLoss(reduction="none"), values([-1.0, -2.0, -3.0]),
               values([0.0, 1.0, -0.0]),
               because="a target of zero adds nothing, although its logarithm is infinite")
