"""Reads the shipped inspection rulebook."""

from functools import cache
from pathlib import Path

import yaml

from server.domain.inspection import Rulebook, parse_rulebook

PATH = Path(__file__).resolve().parent.parent / "domain" / "data" / "inspection-rulebook.yaml"


@cache
def load_rulebook() -> Rulebook:
    """The rulebook in force."""
    return parse_rulebook(yaml.safe_load(PATH.read_text(encoding="utf-8")))
