"""Generates and emits many suites: in parallel, only what changed, with progress."""
from __future__ import annotations

import hashlib
import importlib.util
import json
import os
import warnings
from concurrent.futures import as_completed
from pathlib import Path
from typing import Callable

from pebble import ProcessPool
from rich.console import Console
from rich.progress import Progress

from ..errors import BadInput
from .kept import bring_back, keep
from .places import Places

PACKAGE = Path(__file__).resolve().parent.parent
SECONDS = 900                # a suite that takes longer is given up and reported


def sources_digest() -> str:
    """A hash of the converter itself: what was emitted by another version is emitted again."""
    total = hashlib.sha256()
    for path in converter_sources():
        total.update(path.read_bytes())
    return total.hexdigest()[:24]


def converter_sources() -> list[Path]:
    """Every source that what is generated and emitted depends on."""
    return [path for folder in ("graph", "capture", "ops", "passes", "plan", "emit", "cases")
            for path in sorted((PACKAGE / folder).rglob("*.py"))]


def own_files(places: Places, suite: str) -> list[Path]:
    """The file of definitions that a suite's generator named when it was last asked, and the headers of its kernels."""
    try:
        index = json.loads((places.models(suite) / "cases.json").read_text())
    except (OSError, ValueError):
        return []
    return [Path(file) for file in index.get("ops", []) if Path(file).exists()]


def stamp_of(places: Places, path: Path, sources: str, *parts: bytes) -> str:
    """What a suite was made from: its generator, the files that this names, its answers, the converter, and `parts`."""
    answers = sorted((places.golden / path.stem).glob("*/manifest.json"))
    named = [file.read_bytes() for file in (*own_files(places, path.stem), *answers)]
    return hashlib.sha256(path.read_bytes() + sources.encode() + repr((*named, *parts)).encode()).hexdigest()


def generate_all(places: Places, names: tuple[str, ...], fresh: bool, with_onnx: int, jobs: int) -> int:
    """Generates suites whose generator or converter changed; returns the exit code."""
    paths = _find(places, names)
    sources = sources_digest()

    def stamp(path: Path) -> str:
        return stamp_of(places, path, sources)
    todo = [p for p in paths if fresh or with_onnx or not (places.golden / p.stem).exists() or
            not _at_hand(places.models(p.stem), _key(p, sources), lambda: stamp(p))]
    results = _pool("generate", _generate, [(str(p), places, fresh, with_onnx) for p in todo], jobs)
    problems = 0
    for path in todo:
        index = results.get(str(path))
        if isinstance(index, BaseException) or index is None:
            _say(f"{path.stem}: {index}")
            problems += 1
            continue
        failures = index["problems"] + [f"{c['name']}: {c['failure']}" for c in index["cases"] if c["failure"]]
        for failure in failures:
            _say(f"{path.stem}.{failure}")
        problems += len(failures)
        if not failures and not index.get("skipped"):         # what failed or was skipped is asked again next time
            _stamp(places.models(path.stem), stamp(path))
            keep(places.models(path.stem), _key(path, sources))
        else:
            (places.models(path.stem) / "stamp").unlink(missing_ok=True)
    _say(f"generated {len(todo)} of {len(paths)} suites, {problems} problems")
    return 1 if fresh and problems else 0        # without `fresh`, every problem becomes a failing test of its name


def emit_all(places: Places, names: tuple[str, ...], jobs: int) -> int:
    """Emits suites whose generator or converter changed, generating their models where needed; returns the exit code.

    Without PyTorch, only the ONNX route, from the goldens' own models.
    """
    paths = _find(places, names)
    sources = sources_digest() + ("" if has_torch() else " without torch")
    missing = tuple(p.stem for p in paths if not _stamped(places.models(p.stem), stamp_of(places, p, sources)))
    if missing and has_torch():
        generate_all(places, missing, False, 0, jobs)

    def stamp(path: Path) -> str:              # what `generate` found is part of what is emitted
        index = places.models(path.stem) / "cases.json"
        return stamp_of(places, path, sources, index.read_bytes() if index.exists() else b"")
    todo = [p for p in paths if not _at_hand(places.emitted(p.stem), _key(p, stamp(p)), lambda: stamp(p))]
    results = _pool("emit", _emit, [(str(p), places) for p in todo], jobs)
    failures, crashed = 0, []
    for path in todo:
        counts = results.get(str(path))
        if isinstance(counts, BaseException) or counts is None:
            _say(f"{path.stem}: could not be emitted: {type(counts).__name__}: {counts}")
            crashed.append(path)
            continue
        for failure in counts["failures"]:
            _say(f"{path.stem}.{failure}")
        failures += len(counts["failures"])
        _stamp(places.emitted(path.stem), stamp(path))
        keep(places.emitted(path.stem), _key(path, stamp(path)))
    for path in paths:
        if path not in crashed:
            _depfile(places, path)
    _say(f"emitted {len(todo) - len(crashed)} of {len(paths)} suites, {failures} conversions failed")
    return 4 if crashed else 0


def _find(places: Places, names: tuple[str, ...]) -> list[Path]:
    there = {path.stem: path for path in sorted(places.generators.glob("*.py")) if not path.stem.startswith("_")}
    missing = [name for name in names if name not in there]
    if missing:
        raise BadInput(f"no generator {', '.join(missing)}; there are {', '.join(there) or 'none'}")
    return [there[name] for name in names] if names else list(there.values())


def _generate(path: str, places: Places, fresh: bool, with_onnx: int) -> dict:
    _single_threaded()
    from ..ops import separate
    from .generate import generate
    with separate():
        return generate(Path(path), places, fresh, with_onnx)


def _emit(path: str, places: Places) -> dict:
    _single_threaded()
    from ..ops import separate
    from .emission import emit_suite
    from .goldens import index_of
    name = Path(path).stem
    if has_torch():
        index = json.loads((places.models(name) / "cases.json").read_text())
    else:
        index = index_of(name, places.golden / name)
    with separate():
        return emit_suite(name, index, places.models(name), places.golden / name, places.emitted(name))


def _single_threaded() -> None:
    warnings.filterwarnings("ignore")
    if has_torch():
        import torch
        torch.set_num_threads(1)


def has_torch() -> bool:
    """Whether PyTorch can be imported here."""
    try:
        return importlib.util.find_spec("torch") is not None
    except ValueError:                    # blocked: sys.modules["torch"] is None
        return False


def _pool(what: str, function: Callable, tasks: list[tuple], jobs: int) -> dict:
    """function(*task) for every task in guarded processes; {first argument: result or the exception}."""
    results: dict = {}
    if not tasks:
        return results
    os.environ.setdefault("OMP_NUM_THREADS", "1")
    with ProcessPool(max_workers=min(jobs, len(tasks))) as pool, \
            Progress(console=Console(stderr=True), disable=not Console(stderr=True).is_terminal) as progress:
        bar = progress.add_task(what, total=len(tasks))
        futures = {pool.schedule(function, args=task, timeout=SECONDS): task[0] for task in tasks}
        for future in as_completed(futures):
            try:
                results[futures[future]] = future.result()
            except BaseException as failure:  # a worker that crashed or ran out of time is reported under its suite
                results[futures[future]] = failure
            progress.advance(bar)
    return results


def _stamped(folder: Path, stamp: str) -> bool:
    try:
        return (folder / "stamp").read_text() == stamp
    except OSError:
        return False


def _at_hand(folder: Path, key: str, stamp: Callable[[], str]) -> bool:
    """Whether a folder is up to date, or was kept so."""
    if _stamped(folder, stamp()):
        return True
    bring_back(folder, key)
    return _stamped(folder, stamp())


def _key(path: Path, made_from: str) -> str:
    """Under which what a suite was made into is kept; there are paths of this checkout in it."""
    return hashlib.sha256(f"{path.resolve()} {made_from}".encode() + path.read_bytes()).hexdigest()


def _stamp(folder: Path, stamp: str) -> None:
    folder.mkdir(parents=True, exist_ok=True)
    (folder / "stamp").write_text(stamp)


def _depfile(places: Places, path: Path) -> None:
    """For the build: the emitted file depends on every source of the converter."""
    def escaped(name: Path) -> str:
        return str(name).replace(" ", "\\ ")
    folder = places.emitted(path.stem)
    sources = " ".join(map(escaped, [path, *own_files(places, path.stem), *converter_sources()]))
    (folder / f"{path.stem}.d").write_text(f"{escaped(folder / (path.stem + '.cpp'))}: {sources}\n")


def _say(text: str) -> None:
    print(text, flush=True)
