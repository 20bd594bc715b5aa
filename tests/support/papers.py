"""Demo papers drawn once a process: every test's installation has the same ones, and drawing them is most of seeding."""

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest

from server.ops.demo import papers

_fonts: dict[str, tuple[str, bytes]] = {}
_papers: dict[tuple[str, ...], bytes] = {}


@contextmanager
def drawn_once() -> Iterator[None]:
    """While seeding within, what was drawn before is taken as it was."""
    small_font, make_paper = papers.small_font, papers.make_paper

    def font_once(folder: Path, characters: Any) -> Path:
        key = "".join(sorted(characters))
        if key not in _fonts:
            path = small_font(folder, characters)
            _fonts[key] = (path.name, path.read_bytes())
            return path
        name, data = _fonts[key]
        (folder / name).write_bytes(data)
        return folder / name

    def paper_once(font: Path, kind: Any, proposal: Any, product: Any, insurer: str) -> bytes:
        key = (str(kind), proposal.model_dump_json(), product.model_dump_json(), insurer)
        if key not in _papers:
            _papers[key] = make_paper(font, kind, proposal, product, insurer)
        return _papers[key]

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(papers, "small_font", font_once)
        patch.setattr(papers, "make_paper", paper_once)
        yield
