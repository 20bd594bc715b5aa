"""Loads the sales rulebook: YAML beside the rules. Read once per process."""

from functools import cache
from pathlib import Path

import yaml

from server.domain import rulebook
from server.domain.rulebook import SalesRulebook

PATH = Path(rulebook.__file__).resolve().parent / "data" / "sales-rulebook.yaml"


@cache
def sales_rules() -> SalesRulebook:
    """The rulebook in force. Raises `KeyError` or `ValueError` for a missing or impossible value."""
    return rulebook.rulebook_from(yaml.safe_load(PATH.read_text(encoding="utf-8")))
