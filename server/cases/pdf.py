"""Looks into an uploaded PDF: is it one, how many pages, where do title and proposal number stand.

The areas let the reader prove that a title or number was shown enlarged (S4: 单证标题要放大，投保单号要放大).
"""

import asyncio
import hashlib
from dataclasses import dataclass
from typing import Any

import pypdfium2

from server.http.problem import Problem
from server.pdfium import ONE_AT_A_TIME

MAX_BYTES = 20 << 20
MAX_PAGES = 300
MAX_SIDE_PT = 14_400
"""Side of a page in points; the largest that PDF knows (ISO 32000, annex C)."""


@dataclass(frozen=True, slots=True)
class PdfFacts:
    """What was found. `areas` maps `title` and `number` to a place, or null."""

    pages: int
    sha256: str
    areas: dict[str, dict[str, float] | None]


async def inspect_pdf(data: bytes, *, title: str, number: str) -> PdfFacts:
    """Read a PDF in a thread. Raises 422 `PDF_INVALID`, `PDF_ENCRYPTED`, `PDF_EMPTY`, `PDF_TOO_LONG`, `PDF_PAGE_TOO_LARGE`."""
    if b"%PDF-" not in data[:1024]:
        raise Problem(422, "PDF_INVALID")
    return await asyncio.to_thread(_inspect_alone, data, title, number)


def _inspect_alone(data: bytes, title: str, number: str) -> PdfFacts:
    with ONE_AT_A_TIME:
        return _inspect(data, title, number)


def _inspect(data: bytes, title: str, number: str) -> PdfFacts:
    try:
        document = pypdfium2.PdfDocument(data)
    except pypdfium2.PdfiumError as error:
        raise Problem(422, "PDF_ENCRYPTED" if "password" in str(error).lower() else "PDF_INVALID") from error
    try:
        pages = len(document)
        if not pages:
            raise Problem(422, "PDF_EMPTY")
        if pages > MAX_PAGES:
            raise Problem(422, "PDF_TOO_LONG", limit_pages=MAX_PAGES)
        if any(not 0 < side <= MAX_SIDE_PT for page in document for side in page.get_size()):
            raise Problem(422, "PDF_PAGE_TOO_LARGE", limit_pt=MAX_SIDE_PT)
        document[0].render(scale=0.1).close()
        areas = {"title": _find(document, title), "number": _find(document, number)}
    except pypdfium2.PdfiumError as error:
        raise Problem(422, "PDF_INVALID") from error
    finally:
        document.close()
    return PdfFacts(pages, hashlib.sha256(data).hexdigest(), areas)


def _find(document: Any, text: str) -> dict[str, float] | None:
    """The largest print of a text on the first pages."""
    best: dict[str, float] | None = None
    for index in range(min(len(document), 3)):
        page = document[index]
        width, height = page.get_size()
        text_page = page.get_textpage()
        try:
            search = text_page.search(text)
            while found := search.get_next():
                boxes = [text_page.get_charbox(found[0] + offset) for offset in range(found[1])]
                area = _area(index + 1, boxes, width, height)
                if best is None or area["bottom"] - area["top"] > best["bottom"] - best["top"]:
                    best = area
        finally:
            text_page.close()
    return best


def _area(page: int, boxes: list[tuple[float, float, float, float]], width: float, height: float) -> dict[str, float]:
    return {
        "page": page,
        "left": round(min(b[0] for b in boxes) / width, 4),
        "top": round(1 - max(b[3] for b in boxes) / height, 4),
        "right": round(max(b[2] for b in boxes) / width, 4),
        "bottom": round(1 - min(b[1] for b in boxes) / height, 4),
    }
