"""What a generator imports: `case` and the input rules."""
from .case import Case, case
from .needs import needs
from .rules import (booleans, distinct, integers, normal, padding, permutation, positive, special, spread, uniform, values)

__all__ = ["Case", "booleans", "case", "distinct", "integers", "needs", "normal", "padding", "permutation", "positive",
           "special", "spread", "uniform", "values"]
