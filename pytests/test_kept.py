"""What suites are made into is kept by content: a build folder that was removed is filled without asking PyTorch again."""
from __future__ import annotations

import shutil
from pathlib import Path

import pytest

from lockstep.cases import work
from lockstep.cases.places import Places

SUITE = '''"""small: one function."""
import torch
from lockstep.cases import case, normal


def cases():
    yield case("one", torch.{name}, normal(3))
'''


@pytest.fixture
def places(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Places:
    monkeypatch.setenv("LOCKSTEP_CACHE", str(tmp_path / "cache"))
    places = Places(tmp_path / "generators", tmp_path / "golden", tmp_path / "build")
    places.generators.mkdir()
    write(places, "exp")
    return places


def write(places: Places, name: str) -> None:
    (places.generators / "small.py").write_text(SUITE.format(name=name))


def made(places: Places, capsys: pytest.CaptureFixture) -> str:
    assert work.generate_all(places, (), fresh=False, with_onnx=0, jobs=1) == 0
    assert work.emit_all(places, (), jobs=1) == 0
    return capsys.readouterr().out


def files(folder: Path) -> dict[str, bytes]:
    return {str(path.relative_to(folder)): path.read_bytes() for path in folder.rglob("*") if path.is_file()}


def test_a_build_folder_that_was_removed_is_filled_from_what_was_kept(places: Places, capsys: pytest.CaptureFixture):
    assert made(places, capsys).split("\n")[:2] == ["generated 1 of 1 suites, 0 problems",
                                                    "emitted 1 of 1 suites, 0 conversions failed"]
    before = files(places.build)
    shutil.rmtree(places.build)
    started = (places.generators / "small.py").stat().st_mtime
    assert made(places, capsys).split("\n")[:2] == ["generated 0 of 1 suites, 0 problems",
                                                    "emitted 0 of 1 suites, 0 conversions failed"]
    assert files(places.build) == before
    assert (places.emitted("small") / "small.cpp").stat().st_mtime >= started    # the build finds nothing stale


def test_what_was_made_from_other_sources_is_not_brought_back(places: Places, capsys: pytest.CaptureFixture):
    made(places, capsys)
    first = files(places.emitted("small"))
    for again in ("log1p", "exp"):
        write(places, again)
        shutil.rmtree(places.golden)
        assert "generated 1 of 1" in made(places, capsys)
        assert (files(places.emitted("small")) == first) == (again == "exp")


def test_models_do_not_outlive_their_answers(places: Places, capsys: pytest.CaptureFixture):
    """Answers that are put back as they were before a generator changed are not run against its new models."""
    made(places, capsys)
    old = places.golden.parent / "old"
    shutil.copytree(places.golden, old)
    write(places, "log1p")
    assert "generated 1 of 1" in made(places, capsys)
    shutil.rmtree(places.golden)
    shutil.copytree(old, places.golden)
    assert "generated 1 of 1" in made(places, capsys)
    assert "generated 0 of 1" in made(places, capsys)
