"""Every refusal that a person may meet has a text in plain words; what only other programs meet is listed here by name."""

import re

import pytest

from server.sessions.places import REFUSALS
from server.settings import ROOT

_RAISED = re.compile(r'(?:Problem\(\s*\d+,|conflict\(|forbidden\(|not_found\(|Refusal\()\s*"([A-Z][A-Z0-9_]+)"')
_TEXT = re.compile(r"""\b([A-Z][A-Z0-9_]{3,}):\s*(?:['"`]|\(params)""")  # a sentence, or what makes one from lists
CORE_SYSTEM = {
    "CASE_DECLINED", "EVENT_CONFLICT", "EVENT_INVALID", "PDF_EMPTY", "PDF_ENCRYPTED", "PDF_INVALID", "PDF_TOO_LONG",
    "PDF_PAGE_TOO_LARGE", "POLICY_CONFLICT", "POLICY_HAS_NO_PROPOSAL", "POLICY_INVALID", "POLICY_NOT_FOUND",
    "PROPOSAL_DOCUMENTS_FULL", "RECORDING_NOT_PASSED",
}  # fmt: skip
"""Answers to the core system's calls (docs/core-system.md)."""


def test_every_refusal_has_words() -> None:
    raised = {
        code: str(path.relative_to(ROOT))
        for path in (ROOT / "server").rglob("*.py")
        for code in _RAISED.findall(path.read_text(encoding="utf-8"))
    }
    sources = [*(ROOT / "web" / "apps").glob("*/src/**/locale.zh-CN.ts"), *(ROOT / "web/packages/locale/src").glob("*.ts")]
    words = {code for path in sources for code in _TEXT.findall(path.read_text(encoding="utf-8"))}
    assert len(raised) > 150
    assert len(sources) > 15
    silent = {code: path for code, path in raised.items() if code not in words | CORE_SYSTEM}
    assert not silent, "give these codes a text in a locale file (what happened, what to do next)"


@pytest.mark.parametrize("app", ["desk", "mobile"])
def test_a_room_that_no_worker_takes_is_explained_to_agents_and_customers(app: str) -> None:
    sources = (ROOT / "web" / "apps" / app / "src" / "features" / "room").glob("locale.zh-CN.ts")
    words = {code for path in sources for code in _TEXT.findall(path.read_text(encoding="utf-8"))}
    assert {*REFUSALS.values(), "MEDIA_UNAVAILABLE"} <= words


@pytest.mark.parametrize("app", ["desk", "mobile"])
def test_a_code_has_one_text_in_an_app(app: str) -> None:
    """The texts of all features of an app are one table: of two for the same code, one would be read in the wrong place."""
    found: dict[str, set[str]] = {}
    sources = [
        *(ROOT / "web" / "apps" / app / "src").rglob("locale.zh-CN.ts"),
        ROOT / "web/packages/locale/src/problems.zh-CN.ts",
    ]
    for path in sources:
        _, _, table = path.read_text(encoding="utf-8").partition("export const problems")
        for code in _TEXT.findall(table):
            found.setdefault(code, set()).add(str(path.relative_to(ROOT)))
    assert len(found) > 60
    assert {code: paths for code, paths in found.items() if len(paths) > 1} == {}
