"""Steps that differ in nothing but their buffers are one function: the layers of a deep network are compiled once."""
from __future__ import annotations

import re
import textwrap
from collections import defaultdict
from dataclasses import dataclass
from typing import Any, Mapping, Sequence

from ..plan.nest import Buffer
from .nest import Lines
from .steps import write_steps
from .text import CPP_TYPE

LEAST_LINES = 6            # shorter steps stay where they are: a call would say less than they do
WORD = re.compile(r"\b[A-Za-z_]\w*\b")
OWN = re.compile(r"[iv]\d+\w*")                             # names of loops and values
DECLARED = re.compile(r"\* const (\w+) = reinterpret_cast")   # a thread's own buffers
BOUND = re.compile(r"\b(valid|return LOCKSTEP_\w+|size_\w+)\b")      # what only the function around can say


@dataclass(frozen=True)
class _Step:
    """A step's lines, what it is but for names, and the buffers that it is about, in the order in which they appear."""

    lines: list[str]
    form: str
    arguments: tuple[Buffer, ...]


def write_alike(functions: Lines, body: Lines, name: str, steps: Sequence[Any], buffers: Mapping[str, Buffer]) -> None:
    """The steps as statements of `body`; those that are alike become calls of functions called after `name`."""
    written = [_written(body, step, buffers) for step in steps]
    groups: dict[str, list[_Step]] = defaultdict(list)
    for step in written:
        groups[step.form].append(step)
    called: dict[str, str] = {}
    for form, group in groups.items():
        if len(group) > 1 and sum(map(is_code, group[0].lines)) >= LEAST_LINES and not BOUND.search(form):
            called[form] = f"{name}_step_{len(called)}"
            _function(functions, called[form], group)
    for step in written:
        body.lines += _call(called[step.form], step) if step.form in called else step.lines


def _written(body: Lines, step: Any, buffers: Mapping[str, Buffer]) -> _Step:
    own = Lines()
    own.named = body.named
    write_steps(own, [step])
    body.named = own.named
    code = [line for line in own.lines if is_code(line)]
    declared = {name for line in code for name in DECLARED.findall(line)}
    numbers: dict[str, str] = {}
    arguments: list[Buffer] = []

    def form(match: re.Match) -> str:
        word = match[0]
        if word in buffers and word not in declared:
            if word not in numbers:
                arguments.append(buffers[word])
                numbers[word] = f"${len(numbers)} {_type(buffers[word])}"
        elif word in declared or OWN.fullmatch(word):
            numbers.setdefault(word, f"${len(numbers)}")
        return numbers.get(word, word)
    return _Step(own.lines, "\n".join(WORD.sub(form, line) for line in code), tuple(arguments))


def is_code(line: str) -> bool:
    """Whether a line is no comment."""
    return not line.lstrip().startswith("//")


def _type(buffer: Buffer) -> str:
    return f"{'const ' if buffer.kind in ('input', 'weight') else ''}{CPP_TYPE[buffer.dtype]}*"


def _function(out: Lines, name: str, group: Sequence[_Step]) -> None:
    step = group[0]
    parameters = {buffer.name: f"a{k}" for k, buffer in enumerate(step.arguments)}
    taken = ", ".join(f"{_type(buffer)} {parameters[buffer.name]}" for buffer in step.arguments)
    out.add(f"// {len(group)} steps that are alike but for their buffers")
    out.lines += textwrap.wrap(f"void {name}([[maybe_unused]] const Frame& frame, {taken}) {{", 118, subsequent_indent="    ",
                               break_long_words=False)
    out.lines += [WORD.sub(lambda match: parameters.get(match[0], match[0]), line) for line in step.lines if is_code(line)]
    out.add("}")
    out.add("")


def _call(name: str, step: _Step) -> list[str]:
    """The call, under what the step's comments say of where it comes from."""
    comments = dict.fromkeys(line.strip() for line in step.lines if not is_code(line))
    call = f"{name}({', '.join(['frame', *(buffer.name for buffer in step.arguments)])});"
    return [*(f"  {comment}" for comment in comments),
            *textwrap.wrap(call, 118, initial_indent="  ", subsequent_indent="      ", break_long_words=False)]
