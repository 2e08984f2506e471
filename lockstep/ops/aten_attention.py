"""Attention: values weighed by the softmax of queries times keys."""
from __future__ import annotations

from ..graph.build import axes_for, constant, contract, full, reindex
from ..graph.functions import equal, exp, log, sqrt, where
from . import aten
from .aten_movement import repeat_interleave
from .aten_normalisation import shares
from .aten_random import dropout
from .common import Tensor, floating, refuse


@aten("scaled_dot_product_attention.default")
def attention(query, key, value, attn_mask=None, dropout_p=0.0, is_causal=False, *, scale=None,
              enable_gqa=False):
    """softmax(query key^T scale + mask) value; a query that may look at no key gets zeros."""
    if enable_gqa:
        key, value = (repeat_interleave(x, query.dims[-3] // x.dims[-3], -3) for x in (key, value))
    scores = masked_scores(query, key, attn_mask, is_causal, scale)
    return contract("...qk,...kv->...qv", dropout(safe_softmax(scores, -1), dropout_p, True), value)


def masked_scores(query, key, mask, is_causal, scale) -> Tensor:
    products = contract("...qe,...ke->...qk", query, key)
    scores = products / sqrt(constant(query.dims[-1], query.dtype)) if scale is None else products * scale
    if is_causal:
        return where(causal(scores.dims[-2:]), scores, float("-inf"))
    if mask is None:
        return scores
    return where(mask, scores, float("-inf")) if mask.dtype == "bool" else scores + mask.cast(scores.dtype)


def causal(dims) -> Tensor:
    """True where the key is not after the query, both counted from the first."""
    query, key = axes_for(dims)
    return reindex(full(dims, True, "bool"), [query, key], dims, [query - key], False)


@aten("_safe_softmax.default")
def safe_softmax(x, dim, dtype=None):
    """Softmax, but zeros where everything is minus infinity."""
    x = x.cast(dtype) if dtype else floating(x)
    top = x.max(dim, keepdim=True)
    e = exp(x - where(equal(top, float("-inf")), 0, top))        # the maximum off first: exp cannot overflow
    total = e.sum(dim, keepdim=True)
    return shares(e, where(equal(total, 0), 1, total))


@aten("_scaled_dot_product_flash_attention_for_cpu.default")
def flash_attention(query, key, value, dropout_p=0.0, is_causal=False, *, attn_mask=None, scale=None):
    out = attention(query, key, value, attn_mask, dropout_p, is_causal, scale=scale)
    scores = masked_scores(query, key, attn_mask, is_causal, scale)
    top = scores.max(-1, keepdim=True)
    return out, (top + log(exp(scores - top).sum(-1, keepdim=True))).squeeze(-1)


@aten("_scaled_dot_product_attention_math.default")
def attention_with_weights(query, key, value, attn_mask=None, dropout_p=0.0, is_causal=False,
                           dropout_mask=None, *, scale=None, enable_gqa=False):
    out = attention(query, key, value, attn_mask, dropout_p, is_causal, scale=scale, enable_gqa=enable_gqa)
    if enable_gqa:
        key = repeat_interleave(key, query.dims[-3] // key.dims[-3], -3)
    return out, safe_softmax(masked_scores(query, key, attn_mask, is_causal, scale), -1)


@aten("_native_multi_head_attention.default", "_transformer_encoder_layer_fwd.default")
def fast_path(*_, **__):
    refuse("the model was saved through PyTorch's fused fast path for transformers; "
           "call torch.backends.mha.set_fastpath_enabled(False) before saving it")
