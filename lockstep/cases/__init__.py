"""What a generator imports: `case` and the input rules."""
from .case import Case, case
from .rules import (booleans, distinct, integers, normal, permutation, positive, special, spread, uniform, values)

__all__ = ["Case", "booleans", "case", "distinct", "integers", "normal", "permutation", "positive", "special", "spread",
           "uniform", "values"]
