"""The figures of a run: build/report/bench.json, and the tables that people read."""
from __future__ import annotations

import datetime
import json
import math
import os
import platform
from pathlib import Path
from typing import Any, Iterable, Mapping, Sequence

from rich.console import Console
from rich.table import Table

from .sides import LIMITS, OURS, PYTHON, TITLES
from .timing import Outcome, Settings
from .turns import significant

LOOP = "gated_loop"                 # its ratio is so large that it carries any mean: there is one without it
STYLE: Mapping[str, Any] = {"box": None, "header_style": "bold"}
MEANS = {"anchors": lambda one: one.of == "anchors",
         f"anchors without {LOOP}": lambda one: one.of == "anchors" and one.model != LOOP,
         "anchors and extra": lambda one: one.of != "overhead"}


def geometric_mean(numbers: Iterable[float]) -> float | None:
    logarithms = [math.log(number) for number in numbers]
    return math.exp(sum(logarithms) / len(logarithms)) if logarithms else None


def means(outcomes: Sequence[Outcome], clock: str) -> dict[str, dict[str, float | int | None]]:
    """The geometric mean of the ratios in each set, and of how many models."""
    ratios = {name: [ratio for one in outcomes if holds(one) and (ratio := one.ratio(clock))]
              for name, holds in MEANS.items()}
    return {name: {"ratio": geometric_mean(some), "models": len(some)} for name, some in ratios.items()}


def best_peak(outcomes: Sequence[Outcome]) -> float | None:
    """Operations a second of one core, the most that was seen in the run."""
    return max((peak for one in outcomes if (peak := one.peak())), default=None)


def best_bandwidth(outcomes: Sequence[Outcome]) -> float | None:
    """Bytes a second that one core copied, the most that was seen in the run."""
    return max((bandwidth for one in outcomes if (bandwidth := one.bandwidth())), default=None)


def processor_name() -> str:
    """The processor's name, as Linux knows it."""
    lines = Path("/proc/cpuinfo").read_text().splitlines() if Path("/proc/cpuinfo").exists() else []
    names = [line.partition(":")[2].strip() for line in lines if line.startswith("model name")]
    return names[0] if names else platform.machine()


def as_data(outcomes: Sequence[Outcome], settings: Settings) -> dict[str, Any]:
    """What bench.json holds: microseconds a call, the best round on `clock`; `times` has both, and medians."""
    clock = settings.clock

    def entry(one: Outcome, side: str) -> Any:
        us = one.us(side, clock)
        return {"left_out": one.left_out.get(side, "not asked")} if us is None else significant(us)

    def rounded(number: float | None) -> float | None:
        return None if number is None else significant(number)

    models = {one.model: {
        "ours": entry(one, OURS), "python": entry(one, PYTHON),
        "peers": {peer: entry(one, peer) for peer in settings.peers},
        "ratio": rounded(one.ratio(clock)), "set": one.of,
        "operations": one.operations, "share_of_peak": rounded(one.share_of_peak(clock, settings.threads)),
        "bytes": one.bytes, "share_of_memory": rounded(one.share_of_memory(clock, settings.threads)),
        "times": {side: times.summary() for side, times in one.times.items() if side not in LIMITS},
        "peak_memory_bytes": {side: held for side, held in one.memory.items() if side not in LIMITS},
        "building": one.building} for one in outcomes}
    peak, bandwidth, found = best_peak(outcomes), best_bandwidth(outcomes), means(outcomes, clock)
    return {"models": models,
            "means": {name: {**mean, "ratio": rounded(mean["ratio"])} for name, mean in found.items()},
            "machine": {"processor": processor_name(), "cores": os.cpu_count(), "load": os.getloadavg(),
                        "peak_gflops": rounded(peak and peak / 1e9),
                        "copy_gigabytes": rounded(bandwidth and bandwidth / 1e9)},
            "threads": settings.threads, "isa": settings.isa, "clock": clock, "rounds": settings.rounds,
            "seconds": settings.seconds,
            "versions": {side: told for one in outcomes for side, told in one.versions.items() if told},
            "when": datetime.datetime.now(datetime.timezone.utc).isoformat(timespec="seconds")}


def write(data: dict[str, Any], path: Path) -> None:
    """Writes the file whole: who reads it meanwhile reads the one before."""
    path.parent.mkdir(parents=True, exist_ok=True)
    scratch = path.with_suffix(".json.new")
    scratch.write_text(json.dumps(data, indent=1) + "\n")
    os.replace(scratch, path)


def show(outcomes: Sequence[Outcome], settings: Settings, console: Console) -> None:
    """The table of times, the means, the peak, and why who is left out."""
    clock = settings.clock
    sides = (OURS, PYTHON, *settings.peers)
    console.print(f"microseconds a call on the {clock}'s clock, best of {settings.rounds} rounds, "
                  f"threads: {settings.threads}; "
                  "ratio: the best peer's time over the C++'s, median of the rounds")
    table = Table("model", *(TITLES[side] for side in sides), "ratio", "% of peak", "% of memory", **STYLE)
    for column in table.columns[1:]:
        column.justify = "right"
    for one in outcomes:
        shares = (one.share_of_peak(clock, settings.threads), one.share_of_memory(clock, settings.threads))
        table.add_row(one.model, *(_time(one.us(side, clock)) for side in sides),
                      _number(one.ratio(clock), "{:.2f}"),
                      *(_number(share and 100 * share, "{:.0f}") for share in shares))
    console.print(table)
    for name, mean in means(outcomes, clock).items():
        console.print(f"geometric mean, {name}: {_number(mean['ratio'], '{:.2f}')} ({mean['models']} models)")
    peak = best_peak(outcomes)
    console.print(f"peak of a core in float32, measured by turns with the models: "
                  f"{_number(peak and peak / 1e9, '{:.1f}')} GFLOP/s")
    bandwidth = best_bandwidth(outcomes)
    console.print(f"copies of 4 MiB by a core, read and written: "
                  f"{_number(bandwidth and bandwidth / 1e9, '{:.1f}')} GB/s")
    for one in outcomes:
        for side, reason in one.left_out.items():
            console.print(f"{one.model}: {TITLES.get(side, side)} is left out: {reason}", markup=False)


def show_building(outcomes: Sequence[Outcome], console: Console) -> None:
    """The second table: what converting and compiling take, and what comes of it, against AOTInductor's."""
    console.print("building: Lockstep (at -O2, object stripped), then AOTInductor; seconds of the processor")
    table = Table("model", "convert s", "compile s", "object KiB", "weights KiB", "memory MiB", "AOTInductor s",
                  "package KiB", "memory MiB", **STYLE)
    for column in table.columns[1:]:
        column.justify = "right"
    for one in outcomes:
        ours, theirs = one.building.get(OURS, {}), one.building.get("aotinductor", {})
        seconds = [_number(ours.get(what), "{:.2f}") for what in ("convert_seconds", "compile_seconds")]
        table.add_row(one.model, *seconds,
                      *(_size(ours.get(what), 10) for what in ("object_bytes", "weights_bytes")),
                      _size(one.memory.get(OURS), 20), _number(theirs.get("compile_seconds"), "{:.2f}"),
                      _size(theirs.get("package_bytes"), 10), _size(one.memory.get("aotinductor"), 20))
    console.print(table)


def console_for_results() -> Console:
    """Piped, no line is folded."""
    return Console(width=None if Console().is_terminal else 10_000, highlight=False)


def _time(us: float | None) -> str:
    return "-" if us is None else f"{us:,.0f}" if us >= 1000 else f"{us:.3g}"


def _number(number: float | None, form: str) -> str:
    return "-" if number is None else form.format(number)


def _size(size: int | None, shift: int) -> str:
    return "-" if size is None else f"{size / (1 << shift):,.1f}"
