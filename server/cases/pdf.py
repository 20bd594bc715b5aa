"""Looks into an uploaded PDF: is it one, how many pages, where do title and proposal number stand.

The areas let the reader prove that a title or number was shown enlarged (S4: 单证标题要放大，投保单号要放大).
"""

import asyncio
import hashlib
from dataclasses import dataclass
from typing import Any

import pypdfium2

from server.http.problem import Problem

MAX_BYTES = 20 << 20
MAX_PAGES = 300


@dataclass(frozen=True, slots=True)
class PdfFacts:
    """What was found. `areas` maps `title` and `number` to a place, or null."""

    pages: int
    sha256: str
    areas: dict[str, dict[str, float] | None]


async def inspect_pdf(data: bytes, *, title: str, number: str) -> PdfFacts:
    """Read a PDF in a thread. Raises 422 `PDF_INVALID`, `PDF_ENCRYPTED`, `PDF_EMPTY`, `PDF_TOO_LONG`."""
    if b"%PDF-" not in data[:1024]:
        raise Problem(422, "PDF_INVALID")
    return await asyncio.to_thread(_inspect, data, title, number)


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
        document[0].render(scale=0.1).close()
        areas = {"title": _find(document, title), "number": _find(document, number)}
    except pypdfium2.PdfiumError as error:
        raise Problem(422, "PDF_INVALID") from error
    finally:
        document.close()
    return PdfFacts(pages, hashlib.sha256(data).hexdigest(), areas)


def _find(document: Any, text: str) -> dict[str, float] | None:
    for index in range(min(len(document), 5)):
        page = document[index]
        width, height = page.get_size()
        text_page = page.get_textpage()
        try:
            found = text_page.search(text).get_next()
            if found is None:
                continue
            boxes = [text_page.get_charbox(found[0] + offset) for offset in range(found[1])]
        finally:
            text_page.close()
        left, right = min(b[0] for b in boxes), max(b[2] for b in boxes)
        bottom, top = min(b[1] for b in boxes), max(b[3] for b in boxes)
        return {
            "page": index + 1,
            "left": round(left / width, 4),
            "top": round(1 - top / height, 4),
            "right": round(right / width, 4),
            "bottom": round(1 - bottom / height, 4),
        }
    return None
