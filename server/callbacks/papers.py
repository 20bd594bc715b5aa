"""Draws papers of the desk: letters, visit and explanation forms, re-signatures, and the report of an evidence export."""

import asyncio
import string
import tempfile
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path

from fpdf import FPDF
from fpdf.fonts import TTFFont

from server.fonts import FontMissing, small_font
from server.http.problem import Problem

_NO_START = "，。、；：？！）》”%"
_GREY = 110


@dataclass(frozen=True, slots=True)
class Rows:
    """A two-column table."""

    title: str
    rows: tuple[tuple[str, str], ...]


@dataclass(frozen=True, slots=True)
class Text:
    """Paragraphs under a heading."""

    title: str
    paragraphs: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Questions:
    """Numbered questions; each with boxes to tick (`answers` empty), or with the answer that was given."""

    title: str
    items: tuple[tuple[str, str], ...]
    """(question, answer): an empty answer prints 是 □ 否 □, `____` a line to write on; an empty question has no number."""


@dataclass(frozen=True, slots=True)
class Signatures:
    """Lines to sign on, with a date each, and the statement above them."""

    statement: str
    labels: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Picture:
    """A drawing such as a signature: PNG bytes."""

    title: str
    png: bytes
    width_mm: float = 90


Block = Rows | Text | Questions | Signatures | Picture


@dataclass(frozen=True, slots=True)
class Paper:
    """A paper before it is drawn."""

    title: str
    head: str
    number: str
    made_at: datetime
    blocks: Sequence[Block] = field(default_factory=tuple)

    def characters(self) -> str:
        """Every character that is printed."""
        parts: list[str] = [self.title, self.head, self.number, string.printable, "第页共□是否签名日期年月：，。_—　"]
        for block in self.blocks:
            match block:
                case Rows():
                    parts += [block.title, *(cell for row in block.rows for cell in row)]
                case Text():
                    parts += [block.title, *block.paragraphs]
                case Questions():
                    parts += [block.title, *(cell for row in block.items for cell in row)]
                case Signatures():
                    parts += [block.statement, *block.labels]
                case Picture():
                    parts.append(block.title)
        return "".join(sorted(set("".join(parts))))


async def draw(paper: Paper) -> bytes:
    """The PDF, in a thread. Raises 503 `FONT_MISSING` where no Chinese font is installed."""
    try:
        return await asyncio.to_thread(_draw, paper)
    except FontMissing as error:
        raise Problem(503, "FONT_MISSING", how=str(error)) from error


def _draw(paper: Paper) -> bytes:
    with tempfile.TemporaryDirectory(prefix="paper") as folder:
        sheet = _Sheet(small_font(Path(folder), paper.characters()), paper)
        sheet.front()
        for block in paper.blocks:
            match block:
                case Rows():
                    sheet.facts(block)
                case Text():
                    sheet.text_block(block)
                case Questions():
                    sheet.questions(block)
                case Signatures():
                    sheet.signatures(block)
                case Picture():
                    sheet.picture(block)
        return bytes(sheet.output())


class _Sheet(FPDF):
    def __init__(self, font: Path, paper: Paper) -> None:
        super().__init__(format="A4")
        self.add_font("cjk", "", font)
        cut = self.fonts["cjk"]
        if isinstance(cut, TTFFont):
            cut.ttfont.recalcBBoxes = False  # drawing every glyph again would take most of the time
        self.paper = paper
        self.set_margins(20, 16, 20)
        self.set_auto_page_break(True, margin=20)
        self.set_creation_date(paper.made_at)
        self.set_title(f"{paper.title} {paper.number}")
        self.set_lang("zh-CN")

    def header(self) -> None:
        """Who it comes from, and its number."""
        self.set_font("cjk", size=9)
        self.set_text_color(_GREY)
        self.cell(90, 6, self.paper.head)
        self.cell(0, 6, self.paper.number, align="R", new_x="LMARGIN", new_y="NEXT")
        self.line(20, 23, 190, 23)
        self.ln(5)
        self.set_text_color(0)

    def footer(self) -> None:
        """Page numbers."""
        self.set_y(-14)
        self.set_font("cjk", size=9)
        self.set_text_color(_GREY)
        self.cell(0, 6, f"{self.paper.title}  第 {self.page_no()} 页 共 {{nb}} 页", align="C")
        self.set_text_color(0)

    def front(self) -> None:
        """The title."""
        self.add_page()
        self.set_font("cjk", size=20)
        self.cell(0, 15, self.paper.title, align="C", new_x="LMARGIN", new_y="NEXT")
        self.ln(2)

    def _heading(self, text: str, needs: float = 24) -> None:
        if self.will_page_break(needs):
            self.add_page()
        if text:
            self.set_font("cjk", size=13)
            self.cell(0, 9, text, new_x="LMARGIN", new_y="NEXT")

    def _lines(self, text: str, width: float) -> list[str]:
        """Break between characters; closing punctuation hangs at the end of a line, never begins one."""
        lines: list[str] = []
        for paragraph in text.splitlines() or [""]:
            line, used = "", 0.0
            for character in paragraph:
                step = self.get_string_width(character)
                if used + step > width and character not in _NO_START:
                    lines.append(line)
                    line, used = "", 0.0
                line, used = line + character, used + step
            lines.append(line)
        return lines

    def facts(self, block: Rows) -> None:
        """Names on the left, values on the right; long values take several lines."""
        self._heading(block.title)
        self.set_font("cjk", size=10.5)
        for name, value in block.rows:
            lines = self._lines(value, self.epw - 44)
            height = 7.2 * len(lines)
            if self.will_page_break(height):
                self.add_page()
                self.set_font("cjk", size=10.5)
            x, y = self.get_x(), self.get_y()
            self.rect(x, y, 40, height)
            self.rect(x + 40, y, self.epw - 40, height)
            self.cell(40, 7.2, f" {name}")
            for number, line in enumerate(lines):
                self.set_xy(x + 41, y + 7.2 * number)
                self.cell(0, 7.2, line)
            self.set_xy(x, y + height)
        self.ln(4)

    def text_block(self, block: Text) -> None:
        """Paragraphs with an indented first line."""
        self._heading(block.title)
        self.set_font("cjk", size=11)
        for paragraph in block.paragraphs:
            for line in self._lines(f"　　{paragraph}", self.epw):
                self.cell(0, 7.4, line, new_x="LMARGIN", new_y="NEXT")
            self.ln(1)
        self.ln(2)

    def questions(self, block: Questions) -> None:
        """Questions with boxes or answers on the right."""
        self._heading(block.title)
        self.set_font("cjk", size=11)
        for number, (question, answer) in enumerate(block.items, start=1):
            lines = self._lines(f"{number}. {question}", self.epw - 36) if question else []
            is_written = answer == "____"
            height = 7.2 * len(lines) + (9 if is_written else 0)
            if self.will_page_break(height + 3):
                self.add_page()
                self.set_font("cjk", size=11)
            top = self.get_y()
            for line in lines:
                self.cell(self.epw - 36, 7.2, line, new_x="LMARGIN", new_y="NEXT")
            bottom = self.get_y()
            if is_written:
                self.cell(0, 9, "_" * 60, new_x="LMARGIN", new_y="NEXT")
                bottom = self.get_y()
            else:
                self.set_xy(self.w - self.r_margin - 34, top)
                self.cell(34, 7.2, answer or "是 □    否 □", align="R")
            self.set_xy(self.l_margin, bottom + 2.5)
        self.ln(2)

    def signatures(self, block: Signatures) -> None:
        """The statement and the lines to sign on, kept together."""
        self.set_font("cjk", size=11)
        lines = self._lines(f"　　{block.statement}", self.epw)
        if self.will_page_break(7.4 * len(lines) + 16 * len(block.labels) + 6):
            self.add_page()
            self.set_font("cjk", size=11)
        for line in lines:
            self.cell(0, 7.4, line, new_x="LMARGIN", new_y="NEXT")
        self.ln(3)
        self.set_font("cjk", size=12)
        date, gap = "日期：______年____月____日", 4.0
        right = self.get_string_width(date) + 2 * self.c_margin
        for label in block.labels:  # the line takes what is left beside the label: none runs over the page's edge
            head = f"{label}："
            used = self.get_string_width(head) + 2 * self.c_margin
            self.cell(used, 15, head)
            base = self.get_y() + 10
            self.line(self.get_x(), base, self.l_margin + self.epw - right - gap, base)
            self.set_x(self.l_margin + self.epw - right)
            self.cell(right, 15, date, new_x="LMARGIN", new_y="NEXT")
        self.ln(2)

    def picture(self, block: Picture) -> None:
        """A picture in a frame."""
        self._heading(block.title, needs=70)
        self.image(block.png, x=self.l_margin, w=block.width_mm)
        self.ln(4)


def yes_no(answer: str | None) -> str:
    """An answer in words."""
    return {"yes": "是", "no": "否"}.get(answer or "", "—")


def rows(title: str, found: Iterable[tuple[str, str]]) -> Rows:
    """A table without empty values."""
    return Rows(title, tuple((name, value or "—") for name, value in found))
