"""Builds `media/native/_inner` with cffi: `python -m media.native.build`. Needs a C compiler, nothing else.

libsrtp is not linked: its functions and contexts come from pylibsrtp at run time, as addresses.
"""

import re
import shutil
import sys
import tempfile
from pathlib import Path

from cffi import FFI

FOLDER = Path(__file__).resolve().parent


def declarations() -> str:
    """inner.h as cffi reads it: constants folded into numbers."""
    text = (FOLDER / "inner.h").read_text()
    constants = dict(re.findall(r"^#define (DR_\w+) (\d+)$", text, re.MULTILINE))
    text = re.sub(r"^#define .*$", "", text, flags=re.MULTILINE)
    for name, value in constants.items():
        text = re.sub(rf"\b{name}\b", value, text)
    return re.sub(r"/\*.*?\*/", "", text, flags=re.DOTALL)


def build(flags: tuple[str, ...] = ("-O3", "-Wall", "-Wextra")) -> str:
    """Compile in a scratch folder, put the library next to the sources. Returns its path."""
    ffi = FFI()
    ffi.cdef(declarations())
    ffi.set_source(
        "media.native._inner",
        '#include <stdint.h>\n#include "inner.h"',
        sources=[str(FOLDER / name) for name in ("inner.c", "feedback.c")],
        include_dirs=[str(FOLDER)],
        extra_compile_args=list(flags),
    )
    with tempfile.TemporaryDirectory() as scratch:
        built = Path(ffi.compile(tmpdir=scratch, verbose=False))
        target = FOLDER / built.name
        # A running worker keeps the file it has mapped: replace, never overwrite.
        fresh = target.with_suffix(".new")
        shutil.copy(built, fresh)
        fresh.replace(target)
    return str(target)


if __name__ == "__main__":
    sys.stdout.write(build(tuple(sys.argv[1:]) or ("-O3", "-Wall", "-Wextra")) + "\n")
