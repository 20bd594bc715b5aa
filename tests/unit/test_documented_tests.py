"""The tables that say which test proves a behaviour name tests that exist."""

import re

import pytest

from server.settings import ROOT

_NAMED = re.compile(r"`(?:(tests/[\w./]+?\.py)|…)(?:::(\w+))?`")


@pytest.mark.parametrize("document", ["no-fakes.md", "behaviours.md", "threat-model.md"])
def test_every_test_named_exists(document: str) -> None:
    text = (ROOT / "docs" / document).read_text(encoding="utf-8")
    path, count = "", 0
    for file, name in _NAMED.findall(text):
        path = file or path
        source = ROOT / path
        assert source.is_file(), path
        if name:
            assert re.search(rf"def {name}\(", source.read_text(encoding="utf-8")), f"{path}::{name}"
        count += 1
    assert count >= 15


def test_every_behaviour_has_a_line() -> None:
    text = (ROOT / "docs" / "behaviours.md").read_text(encoding="utf-8")
    lines = [line for line in text.splitlines() if line.startswith("| ")]
    for number in range(1, 24):
        mine = [line for line in lines if re.match(rf"\| T{number} ", line)]
        assert mine, f"T{number}"
        assert all("`tests/" in line or "`…" in line for line in mine), f"T{number}"
