"""A generator whose package is not installed: its suite is skipped with the reason, never passed and never done."""
from __future__ import annotations

import json
from pathlib import Path

import pytest

from lockstep.cases import needs, suites, work
from lockstep.cases.emission import emit_suite
from lockstep.cases.generate import generate
from lockstep.cases.needs import NotInstalled
from lockstep.cases.places import Places

GENERATOR = '''"""absent: asks a package that nobody has."""
from lockstep.cases import case, needs, normal

package = needs("a_package_that_nobody_has")


def cases():
    yield case("one", package.model, normal(2))
'''


@pytest.fixture
def places(tmp_path: Path) -> Places:
    (tmp_path / "generators").mkdir()
    (tmp_path / "generators/absent.py").write_text(GENERATOR)
    return Places(tmp_path / "generators", tmp_path / "golden", tmp_path / "build")


def test_needs_gives_the_package():
    assert needs("json") is json


def test_needs_names_the_package_that_is_missing():
    with pytest.raises(NotInstalled, match="the package a_package_that_nobody_has is not installed"):
        needs("a_package_that_nobody_has")


def test_a_package_that_fails_is_not_taken_for_a_missing_one(tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    (tmp_path / "broken_package_of_test.py").write_text("import another_that_nobody_has\n")
    monkeypatch.syspath_prepend(str(tmp_path))
    with pytest.raises(ModuleNotFoundError, match="another_that_nobody_has"):
        needs("broken_package_of_test")


def test_the_suite_is_one_skipped_test_with_the_reason(places: Places):
    path = places.generators / "absent.py"
    with pytest.raises(NotInstalled):
        suites.load(path)
    index = generate(path, places)
    assert (index["cases"], index["problems"]) == ([], [])
    counts = emit_suite("absent", index, places.models("absent"), places.golden / "absent", places.emitted("absent"))
    assert counts == {"rows": 1, "units": 0, "failures": []}
    assert (places.emitted("absent") / "tests.cmake").read_text() == "lockstep_test(absent generator exported float32)\n"
    row = next(line for line in (places.emitted("absent") / "absent.cpp").read_text().splitlines() if '"generator"' in line)
    assert row.endswith('"not asked here: the package a_package_that_nobody_has is not installed"},')


def test_a_skipped_suite_is_asked_again_each_time(places: Places, capsys: pytest.CaptureFixture):
    for _ in range(2):
        assert work.generate_all(places, (), fresh=False, with_onnx=0, jobs=1) == 0
        assert "generated 1 of 1 suites, 0 problems" in capsys.readouterr().out


def test_a_generator_names_its_file_of_definitions(tmp_path: Path, places: Places):
    (tmp_path / "own.py").write_text("import lockstep\nlockstep.define('own_of_suite::op')(lambda x: x)\n")
    (places.generators / "owner.py").write_text(
        '"""owner: has a file of definitions."""\nfrom lockstep.cases import case, normal\n\nOPS = "../own.py"\n\n\n'
        'def cases():\n    yield case("one", abs, normal(2))\n')
    suite = suites.load(places.generators / "owner.py")
    assert suite.ops == (tmp_path / "own.py").resolve()
