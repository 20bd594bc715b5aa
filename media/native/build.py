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


# Contraction would let the clock's sums differ from Python's by a last bit.
FLAGS = ("-O3", "-Wall", "-Wextra", "-ffp-contract=off", "-pthread")
SOURCES = ("inner.c", "send.c", "feedback.c", "disk.c", "clock.c", "frames.c", "stream.c")
HEADERS = ("record.h", "inner.h")


def declarations() -> str:
    """The headers as cffi reads them: constants folded into numbers, the recorder's call into Python added."""
    text = "".join((FOLDER / name).read_text() for name in HEADERS)
    constants = dict(re.findall(r"^#define (DR_\w+) (\d+)$", text, re.MULTILINE))
    text = re.sub(r"^#.*$", "", text, flags=re.MULTILINE)
    for name, value in constants.items():
        text = re.sub(rf"\b{name}\b", value, text)
    return re.sub(r"/\*.*?\*/", "", text, flags=re.DOTALL) + 'extern "Python" int dr_slow_python(dr_event *event);\n'


def build(flags: tuple[str, ...] = FLAGS) -> str:
    """Compile in a scratch folder, put the library next to the sources. Returns its path."""
    ffi = FFI()
    ffi.cdef(declarations())
    ffi.set_source(
        "media.native._inner",
        "#include <stdint.h>\n" + "".join(f'#include "{name}"\n' for name in HEADERS),
        sources=[str(FOLDER / name) for name in SOURCES],
        include_dirs=[str(FOLDER)],
        extra_compile_args=list(flags),
        extra_link_args=["-pthread"],
        libraries=["m"],
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
    sys.stdout.write(build(tuple(sys.argv[1:]) or FLAGS) + "\n")
