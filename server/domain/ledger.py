"""The document ledger (文档台账): who opened, saw, enlarged and signed what. Completeness is derived here, never reported.

Input are raw facts with the server's time: page, zoom and the visible part of the page. Dwell is what passed between two
reports on the server's clock, capped, so a client can neither claim minutes nor skip pages. S4 T14: every document to its
bottom, titles enlarged, for signing also the proposal number; read first, then sign.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from datetime import datetime

from server.domain.session_setup import Area, Document, SessionRules

Rect = tuple[float, float, float, float]
Lack = tuple[str, dict[str, object]]


@dataclass(frozen=True, slots=True)
class PageFacts:
    """One page of one person's reading."""

    seen_ms: int = 0
    lowest: float = 0.0


@dataclass(frozen=True, slots=True)
class Entry:
    """One document of one person."""

    opened_at: datetime | None = None
    pages: Mapping[int, PageFacts] = field(default_factory=dict)
    title_ms: int = 0
    number_ms: int = 0
    dwell_ms: int = 0
    signature_sha256: str | None = None
    signed_at: datetime | None = None
    is_on_site: bool = False


@dataclass(frozen=True, slots=True)
class LastView:
    """The report the next one is measured from."""

    seat_id: str
    document_id: str
    page: int
    zoom: float
    visible: Rect
    at: datetime


@dataclass(frozen=True, slots=True)
class Ledger:
    """All entries by (person, document), and the running report of the one who reads."""

    entries: Mapping[tuple[str, str], Entry] = field(default_factory=dict)
    last: LastView | None = None

    def entry(self, person_id: str, document_id: str) -> Entry:
        """An entry; empty when nothing happened."""
        return self.entries.get((person_id, document_id), Entry())

    def _put(self, person_id: str, document_id: str, entry: Entry) -> "Ledger":
        return replace(self, entries={**self.entries, (person_id, document_id): entry})

    def opened(self, people: tuple[str, ...], document_id: str, at: datetime) -> "Ledger":
        """Somebody opened a document (for everybody their seat stands for)."""
        ledger = replace(self, last=None)
        for person_id in people:
            entry = ledger.entry(person_id, document_id)
            ledger = ledger._put(person_id, document_id, replace(entry, opened_at=entry.opened_at or at))
        return ledger

    def viewed(self, people: tuple[str, ...], document: Document, page: int, view: LastView, rules: SessionRules) -> "Ledger":
        """A report: credit the time since the last report to what was visible then, and note what is visible now."""
        last = self.last
        ledger = replace(self, last=view)
        is_next = last is not None and (last.seat_id, last.document_id) == (view.seat_id, view.document_id)
        credit = min(int((view.at - last.at).total_seconds() * 1000), rules.view_gap_max_ms) if last and is_next else 0
        for person_id in people:
            entry = ledger.entry(person_id, document.document_id)
            pages = dict(entry.pages)
            if last is not None and credit > 0:
                before = pages.get(last.page, PageFacts())
                pages[last.page] = replace(before, seen_ms=before.seen_ms + credit)
                entry = replace(
                    entry,
                    dwell_ms=entry.dwell_ms + credit,
                    title_ms=entry.title_ms + (credit if _is_enlarged(last, document.title_area, rules) else 0),
                    number_ms=entry.number_ms + (credit if _is_enlarged(last, document.number_area, rules) else 0),
                )
            now = pages.get(page, PageFacts())
            pages[page] = replace(now, lowest=max(now.lowest, view.visible[3]))
            ledger = ledger._put(
                person_id, document.document_id, replace(entry, pages=pages, opened_at=entry.opened_at or view.at)
            )
        return ledger

    def paused(self) -> "Ledger":
        """The share ended or broke: the time until the next report does not count."""
        return replace(self, last=None)

    def signed(self, person_id: str, document_id: str, sha256: str, at: datetime) -> "Ledger":
        """A signature was drawn."""
        entry = self.entry(person_id, document_id)
        return self._put(person_id, document_id, replace(entry, signature_sha256=sha256, signed_at=at))

    def on_site(self, person_id: str, document_id: str) -> "Ledger":
        """The agent confirmed reading and signing of somebody at the agent's place (T17)."""
        return self._put(person_id, document_id, replace(self.entry(person_id, document_id), is_on_site=True))


def _is_enlarged(view: LastView, area: Area | None, rules: SessionRules) -> bool:
    if area is None or view.page != area.page or view.zoom < rules.min_zoom:
        return False
    left, top, right, bottom = view.visible
    x, y = (area.left + area.right) / 2, (area.top + area.bottom) / 2
    return left <= x <= right and top <= y <= bottom


def pages_seen(entry: Entry, rules: SessionRules) -> tuple[int, ...]:
    """Pages that were on screen long enough."""
    return tuple(sorted(page for page, facts in entry.pages.items() if facts.seen_ms >= rules.page_min_ms))


def pages_at_bottom(entry: Entry, rules: SessionRules) -> tuple[int, ...]:
    """Pages scrolled to their end."""
    return tuple(sorted(page for page, facts in entry.pages.items() if facts.lowest >= rules.bottom_at))


def min_dwell_ms(document: Document, rules: SessionRules) -> int:
    """How long a document must be on screen altogether."""
    return document.page_count * rules.min_dwell_ms_per_page


def missing_reading(entry: Entry, document: Document, needs_number: bool, rules: SessionRules) -> list[Lack]:
    """What reading still lacks, as (code, params)."""
    if entry.is_on_site:
        return []
    if entry.opened_at is None:
        return [("DOCUMENT_NOT_OPENED", {})]
    lacking: list[Lack] = []
    wanted = range(1, document.page_count + 1)
    unseen = sorted(set(wanted) - set(pages_seen(entry, rules)))
    if unseen:
        lacking.append(("DOCUMENT_PAGES_UNSEEN", {"pages": unseen}))
    above = sorted(set(wanted) - set(pages_at_bottom(entry, rules)))
    if above:
        lacking.append(("DOCUMENT_BOTTOM_NOT_REACHED", {"pages": above}))
    if entry.title_ms < rules.enlarged_min_ms:
        lacking.append(("DOCUMENT_TITLE_NOT_ENLARGED", {}))
    if needs_number and document.number_area is not None and entry.number_ms < rules.enlarged_min_ms:
        lacking.append(("DOCUMENT_NUMBER_NOT_ENLARGED", {}))
    short = min_dwell_ms(document, rules) - entry.dwell_ms
    if short > 0:
        lacking.append(("DOCUMENT_DWELL_SHORT", {"remaining_ms": short}))
    return lacking


def missing(entry: Entry, document: Document, needs: str, rules: SessionRules) -> list[Lack]:
    """What a duty still lacks; `needs` is read or sign."""
    lacking = missing_reading(entry, document, needs == "sign", rules)
    if needs == "sign" and entry.signature_sha256 is None and not entry.is_on_site:
        lacking.append(("DOCUMENT_NOT_SIGNED", {}))
    return lacking
