"""The name of a package: a C++ namespace, so it may not be a word of C++ or of the C library."""
from __future__ import annotations

import re

from ..emit.text import identifier
from ..errors import BadInput

# Functions and types that the C library puts into the global namespace and that a model might be called.
_C_LIBRARY = frozenset("""
abort abs access acos acosh alarm alloca asin asinh atan atanh atof atoi basename brk bsearch calloc
canonicalize cbrt ceil chroot close copysign cos cosh creat crypt daemon div drem dup environ erf erfc exit
exp exp10 exp2 expm1 fabs fclose fcntl fdim fdiv feof ferror fflush ffs fgets fileno finite flock floor fma
fmax fmin fmod fmul fopen fork fputs fread free frexp fseek fsqrt fstat fsub fsync ftell fwrite gamma getc
getenv getline getopt hypot index iovec isatty j0 j1 jn kill labs ldexp lgamma link log log10 log1p log2
logb lseek lstat madvise malloc memchr memcmp memcpy memmove memset mincore mkdir mmap modf nan nearbyint
nice obstack open pause pipe pow printf profil putc puts qsort raise rand random read realloc remainder
remove rename revoke rewind rint rmdir round roundeven sbrk scalb scanf select setenv signal significand sin
sincos sinh sleep splice sqrt srand stat stderr stdin stdout strlen swab sync syscall system tan tanh tee
tgamma time timespec timeval trunc truncate uint ulong umask unlink ushort vfork write y0 y1 yn
""".split())


def package_name(derived: str) -> str:
    """A class or file stem as a package name: lower case, other characters as _, `_model` behind a taken word."""
    plain = identifier(re.sub(r"\W+", "_", derived, flags=re.ASCII)).lower()
    return f"{plain.rstrip('_')}_model" if plain.endswith("_") or _is_taken(plain) else plain


def given_name(name: str) -> str:
    """The user's own name. Raises BadInput where it is no C++ identifier or is taken by C++ or the C library."""
    if not re.fullmatch(r"[A-Za-z]\w*", name, re.ASCII) or "__" in name or name.endswith("_"):
        raise BadInput(f"the name '{name}' is not for C++: a letter, then letters, digits and single _")
    if _is_taken(name):
        raise BadInput(f"the name '{name}' means something in C or C++ already; choose another, "
                       f"for instance {name}_model")
    return name


def _is_taken(name: str) -> bool:
    return name in _C_LIBRARY or name.endswith("_t") or identifier(name) != name      # POSIX keeps _t for its types
