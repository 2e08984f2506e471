"""Control flow of programs (branches, loops), numbers read from tensors, and what programs assert."""
from __future__ import annotations

from ..graph.build import constant
from ..graph.control import ENDLESS, branch, loop, require, while_loop
from ..graph.functions import equal, not_equal
from . import aten
from .common import Tensor, refuse


@aten("cond")
def cond(predicate, then, otherwise, operands=()):
    """torch.cond: one of two functions of the operands."""
    return branch(_truth(predicate), lambda: then(*operands), lambda: otherwise(*operands))


def _truth(x: Tensor) -> Tensor:
    return (x if x.dtype == "bool" else not_equal(x, 0)).reshape([])


@aten("while_loop")
def while_torch(condition, body, carried, additional=()):
    """torch.while_loop: body(*carried) while condition(*carried)."""
    def turn(_, values):
        values = body(*values, *additional)
        return _truth(condition(*values, *additional)[0]), values, []
    return while_loop(_truth(condition(*carried, *additional)[0]), carried, turn)


@aten("scan")
def scan(combine, initial, slices, additional=()):
    """torch.scan: combine(*carried, *slices) gives the next carried values, then a row of each result."""
    def turn(_, values, parts):
        found = combine(*values, *parts, *additional)
        return found[:len(initial)], found[len(initial):]
    return loop(slices[0].dims[0], initial, slices, turn)


@aten("map_impl")
def map_rows(function, slices, additional=()):
    """torch.map: function(*slices) for every row."""
    return loop(slices[0].dims[0], [], slices, lambda _, values, parts: ([], function(*parts, *additional)))


@aten("lockstep::loop")
def turns(trip, body, carried):
    """`trip` turns of body(step, *carried), which gives the next carried values, then a row of each result."""
    def turn(step, values, _):
        found = body(step, *values)
        return found[:len(carried)], found[len(carried):]
    return loop(trip, carried, [], turn)


@aten("lockstep::while")
def turns_while(trip, condition, body, carried):
    """Turns of body(step, *carried), which gives whether another follows, the next carried values, then a row of each
    result; at most `trip` of them, None: as many as there are."""
    def turn(step, values):
        again, *found = body(step, *values)
        return _truth(again), found[:len(carried)], found[len(carried):]
    return while_loop(_truth(condition), carried, turn, ENDLESS if trip is None else trip)


@aten("item.default", "_local_scalar_dense.default")
def item(x):
    if x.dtype not in ("bool", "int8", "int16", "int32", "int64", "uint8"):
        refuse(f"a {x.dtype} read from a tensor is used as a number; keep it a tensor")
    return x.reshape([])


_RELATIONS = {"==": equal, "!=": not_equal, "<": lambda a, b: a < b, "<=": lambda a, b: a <= b, ">": lambda a, b: a > b,
              ">=": lambda a, b: a >= b}


@aten("relation")
def relation(symbol, left, right):
    """A comparison of sizes."""
    return _RELATIONS[symbol](constant(left, "int64"), constant(right, "int64"))


@aten("require")
def required(condition):
    require(_truth(condition))
    return ()
