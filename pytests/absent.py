"""Operators that nobody defines: `absent::first`, `second` and `third`, for tests of what is said of them."""
import torch

LIBRARY = torch.library.Library("absent", "DEF")
for name in ("first", "second", "third"):
    LIBRARY.define(f"{name}(Tensor x) -> Tensor")
    LIBRARY.impl(name, lambda x: x.clone(), "CPU")
    LIBRARY.impl(name, lambda x: torch.empty_like(x), "Meta")
