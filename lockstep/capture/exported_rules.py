"""Shapes that torch.export does not know by itself, for operators that are defined here: registered when imported."""
from __future__ import annotations

import torch
from torch._subclasses import fake_impls


def lstsq_shapes(fake_mode, func, a, b, rcond=None, *, driver=None):
    """linalg_lstsq where A has full rank: PyTorch calls its shapes dynamic, because residuals are empty elsewhere."""
    vector = b.dim() == 1 or a.dim() - 1 == b.dim() and a.shape[:-1] == b.shape
    matrix = b.unsqueeze(-1) if vector else b
    batch = torch.broadcast_shapes(a.shape[:-2], matrix.shape[:-2])
    rows, columns = a.shape[-2:]
    tall = driver not in (None, "gelsy") and rows > columns
    spectral = driver in ("gelsd", "gelss")
    with fake_mode:
        return (a.new_empty((*batch, columns) if vector else (*batch, columns, b.shape[-1])),
                a.new_empty((*batch, matrix.shape[-1]) if tall else (0,)),
                a.new_empty((0,) if driver == "gels" else batch, dtype=torch.int64),
                a.new_empty((*batch, min(rows, columns)) if spectral else (0,)))


def unique_consecutive_shapes(fake_mode, func, x, return_inverse=False, return_counts=False, dim=None):
    """PyTorch's own rule takes a negative dim for a slice's end."""
    dim = dim if dim is None else dim % max(x.dim(), 1)
    return _UNIQUE_CONSECUTIVE(fake_mode, func, x, return_inverse, return_counts, dim)


def ctc_shapes(fake_mode, func, log_probs, targets, input_lengths, target_lengths, blank=0, zero_infinity=False):
    """The losses; of the forward variables, which nothing but a gradient reads, as many as there is room for."""
    longest = targets.shape[-1] if isinstance(target_lengths, torch.Tensor) else max(target_lengths, default=0)
    with fake_mode:
        return (log_probs.new_empty(log_probs.shape[1]),
                log_probs.new_empty((log_probs.shape[1], log_probs.shape[0], 2 * longest + 1)))


_UNIQUE_CONSECUTIVE = fake_impls.op_implementations_dict.pop(torch.ops.aten.unique_consecutive.default)
RULES = {torch.ops.aten.unique_consecutive.default: unique_consecutive_shapes,
         torch.ops.aten.linalg_lstsq.default: lstsq_shapes,
         torch.ops.aten._ctc_loss.default: ctc_shapes,
         torch.ops.aten._ctc_loss.Tensor: ctc_shapes}

for _operator, _rule in RULES.items():
    if _operator not in fake_impls.op_implementations_dict:      # PyTorch's own, where a later release has one
        fake_impls.register_op_impl(_operator)(_rule)
