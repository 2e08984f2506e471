"""The direction of imports, what may need PyTorch, the graph's rules after every stage, and that every stage prints."""
from __future__ import annotations

import ast
import subprocess
import sys
from pathlib import Path

import pytest

from lockstep.cases import suites
from lockstep.graph.print import text as graph_text
from lockstep.graph.verify import verify
from lockstep.judge.commands import stage
from lockstep.judge.models import OpenModel, open_model
from lockstep.passes.pipeline import PASSES

ROOT = Path(__file__).resolve().parent.parent
SOURCES = {path.relative_to(ROOT).with_suffix("").as_posix().replace("/", ".").removesuffix(".__init__"): path
           for path in sorted((ROOT / "lockstep").rglob("*.py"))}

# ---- imports

# A folder may import what stands in a row above it, and itself; a row's folders do not import each other.
ROWS = [["errors"], ["graph", "vision"], ["capture", "ops"], ["passes"], ["plan"], ["emit", "runtime"], ["build"], ["cases"], ["judge"],
        ["api"], ["report"], ["sweep"], ["cli"], ["__main__"]]
LEVEL = {folder: level for level, row in enumerate(ROWS) for folder in row}

# (module, what it imports): why it may
EXCEPTIONS = {
    ("lockstep", "api"): "the package's face: api is imported when convert, compile, verify or load is first used",
    ("lockstep", "ops"): "the package's face: what defines custom operators is imported when it is first used",
}


def folder_of(module: str) -> str:
    return module.split(".")[1] if "." in module else module


def imported(module: str, path: Path) -> set[str]:
    """Every module that the source names in an import, at its top or inside a function, by absolute name."""
    package = module.split(".") if path.name == "__init__.py" else module.split(".")[:-1]
    names: set[str] = set()
    for node in ast.walk(ast.parse(path.read_text())):
        if isinstance(node, ast.Import):
            names |= {alias.name for alias in node.names}
        elif isinstance(node, ast.ImportFrom):
            base = package[:len(package) - node.level + 1] if node.level else []
            stem = ".".join([*base, *(node.module.split(".") if node.module else [])])
            names |= {stem} | {f"{stem}.{alias.name}" for alias in node.names}
    return names


def test_folders_are_all_known():
    assert {folder_of(m) for m in SOURCES} - {"lockstep"} <= set(LEVEL)
    assert len(SOURCES) > 60


@pytest.mark.parametrize("module", SOURCES)
def test_imports_run_one_way(module: str):
    wrong = []
    for name in imported(module, SOURCES[module]):
        if not name.startswith("lockstep.") or folder_of(name) not in LEVEL:
            continue
        ours, theirs = folder_of(module), folder_of(name)
        allowed = ours == theirs or LEVEL[theirs] < LEVEL.get(ours, 0) or (module, theirs) in EXCEPTIONS
        if not allowed and (module, theirs) != ("lockstep", "errors"):
            wrong.append(f"{module} imports {name}")
    assert not wrong, "imports run graph < capture, ops < passes < plan < emit < build < cases < judge < report < sweep < cli"


def test_every_exception_is_still_needed():
    for module, theirs in EXCEPTIONS:
        assert any(name.startswith(f"lockstep.{theirs}") for name in imported(module, SOURCES[module]))


def may_import_torch(module: str) -> bool:
    stem = module.removeprefix("lockstep.")
    of_pytorch = stem.startswith("capture.") and not stem.startswith("capture.onnx")
    return of_pytorch or stem in ("judge.models", "vision") or stem.startswith(("cases", "sweep"))


@pytest.mark.parametrize("module", [m for m in SOURCES if not may_import_torch(m)])
def test_torch_is_imported_only_where_it_may_be(module: str):
    assert "torch" not in {name.split(".")[0] for name in imported(module, SOURCES[module])}


def test_everything_else_imports_without_torch():
    modules = [m for m in SOURCES if not may_import_torch(m) and m != "lockstep.__main__"]
    assert len(modules) > 40
    program = f"""import importlib, sys, traceback
sys.modules["torch"] = None
failed = []
for name in {modules!r}:
    try:
        importlib.import_module(name)
    except ImportError:
        failed.append(name + ": " + traceback.format_exc().strip().splitlines()[-1])
print(*failed, sep="\\n", end="")
"""
    done = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, cwd=ROOT)
    assert (done.returncode, done.stdout) == (0, ""), done.stderr[-2000:]


# ---- the graph's rules, and printing

# suite: the case, chosen for what its graph holds
SAMPLE = {"mlp": None, "lstm": "bidirectional_two_layers", "softmax": None, "conv2d": None, "embedding": "bag_max_padding",
          "sort": None, "cumsum": None, "scatter": None, "batch_norm": None, "max_pool2d": None, "token_encoder": None,
          "transformer_encoder": None, "traced_cell": None, "gru": "dynamic_batch"}


@pytest.fixture(scope="module", params=SAMPLE)
def opened(request: pytest.FixtureRequest) -> OpenModel:
    """The graph of a generator's case, after `define` and before any pass."""
    suite = suites.load(ROOT / "generators" / f"{request.param}.py")
    one = next(case for case in suite.cases if SAMPLE[request.param] in (None, case.name))
    return open_model(suites.module_of(suite.name, one), suites.tensors_of(suite.name, one), dynamic=dict(one.dynamic),
                      name=f"{suite.name}_{one.name}")


def test_rules_of_the_graph_hold_after_define_and_after_each_pass(opened: OpenModel):
    graph = opened.graph
    verify(graph)
    for rewrite in PASSES:
        graph = rewrite(graph)
        verify(graph)
    assert [v.type for v in graph.outputs] == [v.type for v in opened.graph.outputs]
    assert (graph.input_names, graph.output_names) == (opened.graph.input_names, opened.graph.output_names)


def test_passes_leave_their_graph_as_it_was(opened: OpenModel):
    before = graph_text(opened.graph)
    for rewrite in PASSES:
        rewrite(opened.graph)
    assert graph_text(opened.graph) == before


def test_passes_find_nothing_more_the_second_time(opened: OpenModel):
    once = opened.graph
    for rewrite in PASSES:
        once = rewrite(once)
    twice = once
    for rewrite in PASSES:
        twice = rewrite(twice)
    assert graph_text(twice) == graph_text(once)


MARKS = {"graph": "input", "passes": "input", "plan": "", "cpp": "int compute("}


@pytest.mark.parametrize("name", MARKS)
def test_every_stage_prints_and_prints_the_same_again(opened: OpenModel, name: str):
    text = stage(opened, name)
    assert len(text.splitlines()) >= 3 and MARKS[name] in text
    assert stage(opened, name) == text
    assert " at 0x" not in text and "object at" not in text      # no default repr, which differs each time


# ---- the rules themselves: a graph that breaks one is found

def broken(rule: str):
    """A graph that breaks one rule."""
    from lockstep.graph.core import Graph, Node, Type
    x = Node("input", (), {"name": "x"}, (Type("float32", (2, 3)),), frozenset()).results[0]
    y = Node("input", (), {"name": "y"}, (Type("float32", (3,)),), frozenset()).results[0]
    z = Node("input", (), {"name": "z"}, (Type("float64", (2, 3)),), frozenset()).results[0]
    two_three = (Type("float32", (2, 3)),)
    wrong = {
        "G3": lambda: Node("map", (x,), {"fn": "neg"}, (Type("float7", (2, 3)),), frozenset()),
        "G3 extent": lambda: Node("iota", (), {"axis": 0}, (Type("int64", (-1,)),), frozenset()),
        "G4": lambda: Node("map", (x, y), {"fn": "add"}, two_three, frozenset()),
        "G4 dtype": lambda: Node("map", (x, z), {"fn": "add"}, two_three, frozenset()),
        "G5": lambda: Node("reindex", (x,), {"index": (0,), "guard": ()}, two_three, frozenset()),
        "G6": lambda: Node("reduce", (x,), {"monoid": "sum", "axes": (2,)}, two_three, frozenset()),
        "G7": lambda: Node("contract", (x, y), {"equation": "ij,kj->ik"}, two_three, frozenset()),
        "G7 letter": lambda: Node("contract", (x, y), {"equation": "ij,k->i"}, (Type("float32", (2,)),), frozenset()),
    }
    names = ("x", "x", "z") if rule == "G2" else ("x", "y", "z")
    outputs = (x if rule == "G2" else wrong[rule]().results[0],)
    return Graph(inputs=(x, y, z), outputs=outputs, input_names=names, output_names=("o",))


@pytest.mark.parametrize("rule", ["G2", "G3", "G3 extent", "G4", "G4 dtype", "G5", "G6", "G7", "G7 letter"])
def test_verify_names_the_rule_that_is_broken(rule: str):
    with pytest.raises(AssertionError, match=f"{rule.split()[0]}[ :]"):
        verify(broken(rule))
