"""Folders of suites kept by what they were made from, in the user's cache: a build folder that was removed, or a branch
that one comes back to, is filled without asking PyTorch again.

A folder that is brought back has its stamp in it; whether it still holds is judged by that, as of any other folder.
"""
from __future__ import annotations

import io
import shutil
import tarfile
import tempfile
import time
from pathlib import Path

from diskcache import Cache

from ..build.compiler import cache_folder

MOST_BYTES = 1 << 30        # what was used least recently goes first


def bring_back(folder: Path, key: str) -> None:
    """Fills the folder with what was kept under the key, if anything was."""
    with _cache() as kept:
        data = kept.get(key)
    if data is None:
        return
    now = time.time()           # older than its sources, it would be made again

    def fresh(member: tarfile.TarInfo, path: str) -> tarfile.TarInfo:
        return tarfile.data_filter(member.replace(mtime=now), path)
    folder.parent.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory(dir=folder.parent) as scratch:
        with tarfile.open(fileobj=io.BytesIO(data)) as archive:
            archive.extractall(scratch, filter=fresh)
        shutil.rmtree(folder, ignore_errors=True)
        (Path(scratch) / folder.name).replace(folder)


def keep(folder: Path, key: str) -> None:
    """Keeps the folder as it is now."""
    data = io.BytesIO()
    with tarfile.open(fileobj=data, mode="w") as archive:
        archive.add(folder, folder.name)
    with _cache() as kept:
        kept.set(key, data.getvalue())


def _cache() -> Cache:
    return Cache(str(cache_folder() / "suites"), size_limit=MOST_BYTES, eviction_policy="least-recently-used")
