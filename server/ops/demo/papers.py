"""Makes the demo PDFs: several pages, an embedded Chinese font, the title and the proposal number large on the first page."""

import inspect
import string
from collections.abc import Iterable
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from fpdf import FPDF
from fpdf.fonts import TTFFont

from server.cases.schemas import DocumentKind, NewProposal
from server.fonts import FontMissing, small_font
from server.ops.demo import texts
from server.ops.demo.texts import Section

TITLES = {
    DocumentKind.INSURANCE_PROMPT: "人身保险投保提示书",
    DocumentKind.TERMS: "保险条款",
    DocumentKind.EXCLUSION_NOTE: "免除保险人责任条款说明书",
    DocumentKind.PROPOSAL_FORM: "人身保险投保单",
    DocumentKind.PRODUCT_MANUAL: "产品说明书",
}
__all__ = ["FontMissing", "characters_of", "make_paper", "small_font"]
_ROLES = {"policyholder": "投保人", "insured": "被保险人", "guardian": "监护人", "beneficiary": "受益人"}
_FREQUENCIES = {"once": "一次付清", "annual": "年缴", "semiannual": "半年缴", "quarterly": "季缴", "monthly": "月缴"}
_NO_START = "，。、；：？！）》”%"
_FIXED = datetime(2026, 1, 1, tzinfo=UTC)


def characters_of(proposals: Iterable[NewProposal], *more: str) -> str:
    """Every character the papers may print."""
    own = inspect.getsource(texts) + Path(__file__).read_text("utf-8")
    return "".join(sorted({*own, *"".join(p.model_dump_json() for p in proposals), *"".join(more), *string.printable}))


class _Paper(FPDF):
    """A4 pages with a running head and foot."""

    def __init__(self, font: Path, insurer: str, title: str, proposal_no: str) -> None:
        super().__init__(format="A4")
        self.add_font("cjk", "", font)
        cut = self.fonts["cjk"]
        if isinstance(cut, TTFFont):
            cut.ttfont.recalcBBoxes = False  # drawing every glyph again would take most of the time
        self.insurer, self.paper_title, self.proposal_no = insurer, title, proposal_no
        self.set_margins(18, 16, 18)
        self.set_auto_page_break(True, margin=20)
        self.set_creation_date(_FIXED)
        self.set_title(f"{title} {proposal_no}")
        self.set_lang("zh-CN")

    def header(self) -> None:
        """Insurer on the left, proposal number on the right."""
        self.set_font("cjk", size=9)
        self.set_text_color(110)
        self.cell(110, 6, self.insurer)
        self.cell(0, 6, f"投保单号 {self.proposal_no}", align="R", new_x="LMARGIN", new_y="NEXT")
        self.line(18, 23, 192, 23)
        self.ln(6)
        self.set_text_color(0)

    def footer(self) -> None:
        """Page numbers."""
        self.set_y(-14)
        self.set_font("cjk", size=9)
        self.set_text_color(110)
        self.cell(0, 6, f"{self.paper_title}  第 {self.page_no()} 页 共 {{nb}} 页  演示文件", align="C")
        self.set_text_color(0)

    def front(self, product: str) -> None:
        """Title, proposal number and product in large type."""
        self.add_page()
        self.ln(4)
        self.set_font("cjk", size=26)
        self.cell(0, 16, self.paper_title, align="C", new_x="LMARGIN", new_y="NEXT")
        self.set_font("cjk", size=18)
        self.cell(0, 12, f"投保单号：{self.proposal_no}", align="C", new_x="LMARGIN", new_y="NEXT")
        self.set_font("cjk", size=13)
        self.cell(0, 9, product, align="C", new_x="LMARGIN", new_y="NEXT")
        self.ln(6)

    def sections(self, sections: Iterable[Section]) -> None:
        """Headings and paragraphs."""
        for section in sections:
            if self.will_page_break(30):
                self.add_page()
            self.set_font("cjk", size=17)
            self.multi_cell(0, 11, section.title, new_x="LMARGIN", new_y="NEXT")
            self.set_font("cjk", size=15)
            for text in section.paragraphs:
                for line in self._lines(f"　　{text}"):
                    self.cell(0, 9.8, line, new_x="LMARGIN", new_y="NEXT")
                self.ln(1.5)
            self.ln(3)

    def _lines(self, text: str) -> list[str]:
        """Break between characters; closing punctuation hangs at the end of a line, never begins one."""
        lines, line, width = [], "", 0.0
        for character in text:
            step = self.get_string_width(character)
            if width + step > self.epw and character not in _NO_START:
                lines.append(line)
                line, width = "", 0.0
            line, width = line + character, width + step
        return [*lines, line]

    def rows(self, title: str, rows: Iterable[tuple[str, str]]) -> None:
        """A two-column table."""
        self.set_font("cjk", size=15)
        self.cell(0, 10, title, new_x="LMARGIN", new_y="NEXT")
        self.set_font("cjk", size=12)
        for name, value in rows:
            self.cell(52, 9.5, name, border=1)
            self.cell(0, 9.5, value, border=1, new_x="LMARGIN", new_y="NEXT")
        self.ln(5)

    def signature(self, *labels: str) -> None:
        """Lines to sign on, on the last page."""
        if self.will_page_break(20 * len(labels) + 10):
            self.add_page()
        self.ln(8)
        self.set_font("cjk", size=14)
        for label in labels:
            self.cell(0, 18, f"{label}签名：____________________    日期：____________", new_x="LMARGIN", new_y="NEXT")


def make_paper(font: Path, kind: DocumentKind, proposal: NewProposal, product: Any, insurer: str) -> bytes:
    """The PDF of one kind for a proposal, in a font of `small_font`."""
    paper = _Paper(font, insurer, TITLES[kind], proposal.proposal_no)
    paper.front(product.name)
    match kind:
        case DocumentKind.INSURANCE_PROMPT:
            paper.sections(texts.PROMPT)
            paper.signature("投保人")
        case DocumentKind.TERMS:
            paper.sections((*texts.TERMS_COMMON, *texts.COVER[product.product_type.value], *texts.TERMS_REST))
        case DocumentKind.EXCLUSION_NOTE:
            paper.sections(texts.EXCLUSIONS)
            paper.signature("投保人")
        case DocumentKind.PROPOSAL_FORM:
            _proposal_form(paper, proposal, product)
        case DocumentKind.PRODUCT_MANUAL:
            paper.sections(texts.MANUAL)
    return bytes(paper.output())


def _proposal_form(paper: _Paper, proposal: NewProposal, product: Any) -> None:
    premium = proposal.premium
    paper.rows(
        "一、投保事项",
        (
            ("投保险种", product.name),
            ("基本保险金额", f"{proposal.sum_insured_fen / 100:,.2f} 元"),
            ("保险期间", proposal.coverage),
            ("缴费方式", f"{_FREQUENCIES[premium.frequency]}，每期 {premium.amount_fen / 100:,.2f} 元"),
            ("缴费年期", "一次付清" if premium.mode == "single_pay" else f"{premium.years} 年"),
            ("犹豫期", f"{product.cooling_off_days} 日"),
        ),
    )
    for number, person in enumerate(proposal.persons):
        if paper.will_page_break(60):
            paper.add_page()
        paper.rows(
            f"{'二三四五六七'[number]}、{'、'.join(_ROLES[role.value] for role in person.roles)}",
            (
                ("姓名", person.name),
                ("性别", "男" if person.sex == "male" else "女"),
                ("出生日期", person.birth_on.isoformat()),
                ("证件号码", person.cert_no),
                ("手机号码", person.phone or "—"),
            ),
        )
    paper.add_page()
    paper.sections(
        (
            Section("健康与财务告知", (
                "投保人和被保险人确认：过去两年内没有住院治疗，没有被其他保险公司拒保、延期或者附加条件承保；没有参加潜水、跳伞等高风险运动的计划。",
                "投保人确认：缴纳保险费的资金来源合法，为本人所有，保险费支出与家庭收入相适应。",
            )),
            Section("声明与授权", (
                "本人已经阅读保险条款、投保提示书和免除保险人责任条款说明书，了解保险责任、责任免除、犹豫期和解除合同的损失。",
                "本人同意对本次销售过程录音录像，同意为核对身份使用本人的人脸和证件信息。本投保单所填内容均属实。",
                "涉及以死亡为给付保险金条件的责任，被保险人同意投保人为其订立本合同并认可保险金额。",
            )),
        )
    )  # fmt: skip
    has_other_insured = not any({"policyholder", "insured"} <= {r.value for r in p.roles} for p in proposal.persons)
    paper.signature("投保人", *(("被保险人（或其监护人）",) if has_other_insured else ()))
