"""Whether a share's picture really shows the page that the reader says it shows, and whether the application number can be read.

The page of the PDF is rendered, cut to the part that was visible, and looked for in the decoded picture at the sizes it can have
there (normalised correlation). The number is read from the picture itself by tesseract, where that program is installed.
"""

import base64
import itertools
import shutil
import subprocess
from collections.abc import Mapping, Sequence
from typing import Any

import cv2
import numpy as np
import pypdfium2
from numpy.typing import NDArray

from server.recordings.measuring.frames import Picture

Grey = NDArray[np.uint8]

WIDTH = 360
"""Pictures are compared at this width."""
PAGE_WIDTH = 1080
SIZES = np.linspace(0.74, 1.0, 14)
LEAST_SPREAD = 6.0
MOST_LOOKS = 40
"""Pictures compared for one document of one person."""
_READ_S = 10


class Papers:
    """The documents of a session, rendered page by page when first looked for.

    Args:
        documents: document id → {"pdf": base64, "number": text, "number_area": {page, left, top, right, bottom}?}.
    """

    def __init__(self, documents: Mapping[str, Mapping[str, Any]]) -> None:
        self.documents = documents
        self._pages: dict[tuple[str, int], Grey | None] = {}
        self._open: dict[str, Any] = {}

    def page(self, document_id: str, number: int) -> Grey | None:
        """A page (from 1) in grey, None where there is none."""
        key = (document_id, number)
        if key not in self._pages:
            self._pages[key] = self._render(document_id, number)
        return self._pages[key]

    def _render(self, document_id: str, number: int) -> Grey | None:
        wanted = self.documents.get(document_id)
        if wanted is None or not wanted.get("pdf"):
            return None
        if document_id not in self._open:
            self._open[document_id] = pypdfium2.PdfDocument(base64.b64decode(wanted["pdf"]))
        pdf = self._open[document_id]
        if not 1 <= number <= len(pdf):
            return None
        page = pdf[number - 1]
        bitmap = page.render(scale=PAGE_WIDTH / page.get_width(), grayscale=True)
        return np.asarray(bitmap.to_numpy(), np.uint8).reshape(bitmap.height, bitmap.width, -1)[:, :, 0]


class ShareWatch:
    """Compares the pictures of one seat's shares with what its reader showed.

    Args:
        papers: the documents.
        views: {t_ms, document_id, person_ids, page, visible [left, top, right, bottom], zoom} in order of time.
        ends: times at which a view is over without another one (the share or the document was closed).
    """

    def __init__(self, papers: Papers, views: Sequence[Mapping[str, Any]], ends: Sequence[int] = ()) -> None:
        self._papers = papers
        self._views = views
        self._ends = sorted(ends)
        self._found: dict[str, dict[str, Any]] = {}

    def look(self, picture: Picture, t_ms: int) -> None:
        """Take a picture of the share."""
        view = self._view_at(t_ms)
        if view is None:
            return
        document_id = str(view["document_id"])
        facts = self._found.setdefault(document_id, {"looked": 0, "matched": 0, "pages": {}, "unlike_at_ms": [], "number": None})
        if facts["looked"] >= MOST_LOOKS:
            return
        page = self._papers.page(document_id, int(view["page"]))
        if page is None:
            return
        found = match(picture, page, view["visible"])
        if found is None:
            return
        facts["looked"] += 1
        score = found[0]
        key = str(view["page"])
        facts["pages"][key] = max(score, facts["pages"].get(key, 0.0))
        facts["matched"] += score >= LIKE
        if score < LIKE:
            facts["unlike_at_ms"].append(t_ms)
        else:
            self._number(picture, document_id, view, found[1], facts)

    def facts(self) -> dict[str, Any]:
        """By document: pictures compared and alike, best likeness of each page, how the number was read."""
        return self._found

    def moments(self) -> list[int]:
        """Times at which a picture can be compared: in the middle of two equal reports that follow each other."""
        found: dict[str, list[int]] = {}
        for before, after in itertools.pairwise(self._views):
            if self._is_still(before, after):
                found.setdefault(str(before["document_id"]), []).append((before["t_ms"] + after["t_ms"]) // 2 + SETTLE_MS)
        return sorted(t_ms for times in found.values() for t_ms in times[:MOST_MOMENTS])

    def _is_still(self, before: Mapping[str, Any], after: Mapping[str, Any]) -> bool:
        same = all(before[name] == after[name] for name in ("document_id", "page", "visible", "zoom"))
        is_over = any(before["t_ms"] <= end < after["t_ms"] for end in self._ends)
        return same and not is_over and 2 * SETTLE_MS <= after["t_ms"] - before["t_ms"] <= LONGEST_MS

    def _view_at(self, t_ms: int) -> Mapping[str, Any] | None:
        """What the reader showed before and after: pictures lag behind reports, and lists or signatures come in between."""
        for before, after in itertools.pairwise(self._views):
            if before["t_ms"] + SETTLE_MS <= t_ms <= after["t_ms"] + SETTLE_MS and self._is_still(before, after):
                return before
        return None

    def _number(
        self, picture: Picture, document_id: str, view: Mapping[str, Any], box: tuple[float, ...], facts: dict[str, Any]
    ) -> None:
        wanted = self._papers.documents[document_id]
        area, number = wanted.get("number_area"), wanted.get("number")
        before = facts["number"]
        if not area or not number or area["page"] != view["page"] or (before and before.get("share", 0) >= 1):
            return
        part = _cut(picture, area, view["visible"], box)
        if part is None:
            return
        read = read_text(part)
        share = None if read is None else _share(number, read)
        if before is None or (share or 0) > (before["share"] or 0):
            facts["number"] = {"share": share, "height_px": int(part.shape[0])}


LIKE = 0.66
"""From this likeness on a picture shows the page; docs/vision.md has what was measured on right and wrong pages."""
SETTLE_MS = 250
"""Pictures lag behind the reader's reports by about this much."""
LONGEST_MS = 2_000
"""The reader reports each second; after a longer silence something else may have been shown."""
MOST_MOMENTS = 8


def match(picture: Picture, page: Grey, visible: Sequence[float]) -> tuple[float, tuple[float, float, float, float]] | None:
    """Likeness of the visible part of a page with its best place in a picture, and that place (x, y, width, height in pixels).

    None where nothing can be told: the part is empty, or too flat.
    """
    grey = np.asarray(cv2.cvtColor(picture, cv2.COLOR_BGR2GRAY), np.uint8)
    scale = WIDTH / grey.shape[1]
    small = np.asarray(cv2.resize(grey, (WIDTH, max(1, round(grey.shape[0] * scale))), interpolation=cv2.INTER_AREA), np.uint8)
    left, top, right, bottom = (float(value) for value in visible)
    height, width = page.shape
    part = page[round(top * height) : round(bottom * height), round(left * width) : round(right * width)]
    if part.shape[0] < 20 or part.shape[1] < 20 or float(part.std()) < LEAST_SPREAD:
        return None
    best, place = -1.0, (0.0, 0.0, 0.0, 0.0)
    for size in SIZES:
        wide = round(WIDTH * size)
        tall = round(wide * part.shape[0] / part.shape[1])
        template = np.asarray(cv2.resize(part, (wide, tall), interpolation=cv2.INTER_AREA), np.uint8)
        template = template[: small.shape[0]]
        if template.shape[0] < 20 or float(template.std()) < LEAST_SPREAD:
            continue
        answer = cv2.matchTemplate(small, template, cv2.TM_CCOEFF_NORMED)
        _, score, _, (x, y) = cv2.minMaxLoc(answer)
        if score > best:
            best, place = score, (x / scale, y / scale, wide / scale, tall / scale)
    return (round(float(best), 3), place) if best > -1 else None


def _cut(picture: Picture, area: Mapping[str, float], visible: Sequence[float], box: Sequence[float]) -> Picture | None:
    """The number's place in a picture, a little wider; None where it is outside the visible part."""
    left, top, right, bottom = (float(value) for value in visible)
    if area["left"] < left or area["right"] > right or area["top"] < top or area["bottom"] > bottom:
        return None
    x, y, width, height = box
    across, down = width / (right - left), height / (bottom - top)
    pad = (area["bottom"] - area["top"]) * down * 0.4
    x0, x1 = x + (area["left"] - left) * across - pad, x + (area["right"] - left) * across + pad
    y0, y1 = y + (area["top"] - top) * down - pad, y + (area["bottom"] - top) * down + pad
    part = picture[max(0, round(y0)) : round(y1), max(0, round(x0)) : round(x1)]
    return part if part.shape[0] >= 6 and part.shape[1] >= 20 else None


def read_text(part: Picture) -> str | None:
    """Letters and digits in a small picture of a line or two; None where the reader is not installed or does not answer."""
    program = shutil.which("tesseract")
    if program is None:
        return None
    grey = cv2.cvtColor(part, cv2.COLOR_BGR2GRAY)
    scale = max(1.0, 64 / grey.shape[0])
    large = cv2.resize(grey, None, fx=scale, fy=scale, interpolation=cv2.INTER_CUBIC)
    is_done, data = cv2.imencode(".png", large)
    allowed = "tessedit_char_whitelist=0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZ-"
    command = [program, "stdin", "stdout", "--psm", "6", "-c", allowed]
    if not is_done:
        return None
    try:
        done = subprocess.run(command, input=data.tobytes(), capture_output=True, timeout=_READ_S, check=False)
    except subprocess.TimeoutExpired:
        return None
    return done.stdout.decode(errors="replace").strip() if done.returncode == 0 else None


def _share(wanted: str, read: str) -> float:
    """The longest run of the wanted text that was read, as a part of it."""
    wanted, read = (text.replace("-", "").upper() for text in (wanted, read))
    longest = 0
    for start in range(len(wanted)):
        while start + longest < len(wanted) and wanted[start : start + longest + 1] in read:
            longest += 1
    return round(longest / max(1, len(wanted)), 2)
