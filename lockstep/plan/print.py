"""A plan as text: the arena, the buffers, and every step with its loops and the reason for its schedule."""
from __future__ import annotations

from typing import Any, Iterable

from ..graph import dims_text
from .nest import Buffer, Choose, Convolve, Gemm, Measure, Nest, PackColumns, PackFilters, Plan, Repeat
from .traverse import INNER


def text(plan: Plan) -> str:
    lines = [f"arena {plan.arena} bytes, {len(plan.buffers)} buffers, {len(plan.weights)} weights, {len(plan.steps)} steps"]
    lines += [f"buffer {b.name} : {b.dtype}[{', '.join(map(str, b.dims))}] {_place(b)}" for b in plan.buffers]
    setup = ["setup, once when the weights are opened", *_steps(plan.setup, "")] if plan.setup else []
    delivery = ["delivery", *_steps(plan.delivery, "")] if plan.delivery else []
    return "\n".join([*lines, *setup, *(['every run'] if setup else []), *_steps(plan.steps, ""), *delivery])


def _place(buffer: Buffer) -> str:
    return buffer.kind if buffer.kind == "stack" else f"{buffer.kind} at {buffer.offset}"


def _steps(steps: Iterable[Any], indent: str) -> Iterable[str]:
    for number, step in enumerate(steps):
        yield f"{indent}{number}: {_describe(step)}"
        for origin in sorted(map(str, step.origins)):
            yield f"{indent}     from {origin}"
        for inner in INNER:
            yield from _steps(getattr(step, inner, ()), indent + "    ")


def _describe(step: Any) -> str:
    if isinstance(step, Nest):
        loops = " ".join(f"{a.name}<{dims_text.text(a.extent)}{' over lanes' if a == step.vector else ''}" for a in step.axes)
        return f"nest {step.target.name}[{step.offset}] for {loops or 'one element'}{' (' + step.why + ')' if step.why else ''}"
    if isinstance(step, Gemm):
        return f"{step.why}: {step.c.buffer.name} = {step.a.buffer.name} x {step.packed.name}"
    if isinstance(step, PackColumns):
        return f"pack {step.matrix.buffer.name} as panels of columns: {step.target.name}"
    if isinstance(step, Convolve):
        means = [] if step.finish is None else [name for name in ("scale", "shift", "addend", "least", "most")
                                                if getattr(step.finish, name) is not None]
        finished = f", finished with {', '.join(means)}" if means else ""
        return f"{step.why}{finished}: {step.y.buffer.name} = {step.x.buffer.name} with {step.packed.name}"
    if isinstance(step, PackFilters):
        return f"pack {step.filters.name} for {step.kernel}: {step.target.name}"
    if isinstance(step, Repeat):
        times = f"repeat {dims_text.text(step.axis.extent) if step.axis is not None else 1} times"
        reasons = [reason for reason in (step.why, "threads share the turns" if step.work != 0 else "") if reason]
        times += f" ({'; '.join(reasons)})" if reasons else ""
        return times if step.condition is None else f"{times} at most, while {step.condition.name}"
    if isinstance(step, Choose):
        return f"choose between {len(step.then)} steps and {len(step.otherwise)}"
    if isinstance(step, Measure):
        return f"extent {step.name} is {step.value.name}, at most {step.most}"
    targets = [getattr(step, name).name for name in ("target", "values", "places")
               if isinstance(getattr(step, name, None), Buffer)]
    return f"{type(step).__name__} into {', '.join(targets)}"
