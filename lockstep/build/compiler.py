"""Compiles a package's source to a shared library; equal sources are compiled once."""
from __future__ import annotations

import hashlib
import os
import shutil
import subprocess
import tempfile
from pathlib import Path

from ..errors import BuildError

FLAGS = ("-std=c++17", "-O2", "-ffp-contract=fast", "-fPIC", "-shared")


def find_compiler() -> str:
    """The C++ compiler: $CXX, else g++, else clang++. Raises BuildError where there is none."""
    wanted = os.environ.get("CXX")
    for name in [wanted] if wanted else ["g++", "clang++"]:
        found = shutil.which(name)
        if found:
            return found
    raise BuildError(f"no C++ compiler: {wanted + ' (from CXX) is not there' if wanted else 'neither g++ nor clang++ is installed'}; "
                     f"install one (apt-get install g++) or set CXX")


def cache_folder() -> Path:
    """Where compiled libraries are kept: $LOCKSTEP_CACHE, else the user's cache folder."""
    base = os.environ.get("LOCKSTEP_CACHE") or os.path.join(
        os.environ.get("XDG_CACHE_HOME") or os.path.join(os.path.expanduser("~"), ".cache"), "lockstep")
    return Path(base)


def shared_library(folder: Path, name: str, arch: str | None = None) -> Path:
    """The shared library of the package in a folder, compiled unless the cache holds it.

    arch is the -march to compile for ($LOCKSTEP_ARCH, else native). Raises BuildError with the compiler's words.
    """
    compiler = find_compiler()
    arch = arch or os.environ.get("LOCKSTEP_ARCH", "native")
    flags = [*FLAGS, f"-march={arch}"]
    total = hashlib.sha256(" ".join([compiler, *flags, _version(compiler)]).encode())
    for path in sorted([folder / f"{name}.cpp", folder / f"{name}.h", *(folder / "lockstep").rglob("*.h*")]):
        total.update(path.read_bytes())
    target = cache_folder() / f"{name}-{total.hexdigest()[:24]}.so"
    if target.exists():
        return target
    target.parent.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory(dir=target.parent) as scratch:
        made = Path(scratch) / "model.so"
        command = [compiler, *flags, f"-I{folder}", str(folder / f"{name}.cpp"), "-o", str(made)]
        done = subprocess.run(command, capture_output=True, text=True)
        if done.returncode != 0:
            said = done.stderr[:4000].strip() or "no message"
            raise BuildError(f"{compiler} refused {name}.cpp (exit code {done.returncode}):\n{said}\n"
                             f"Try another compiler with CXX=..., or report it with the model")
        os.replace(made, target)
    return target


def _version(compiler: str) -> str:
    """The compiler's version and what -march=native means on this machine."""
    done = subprocess.run([compiler, "-march=native", "-E", "-v", "-x", "c++", os.devnull], capture_output=True, text=True)
    return done.stderr
