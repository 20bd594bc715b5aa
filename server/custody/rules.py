"""Reads the shipped retention rulebook."""

from functools import cache
from pathlib import Path

import yaml

from server.domain.retention import RetentionRules, parse_retention_rules

PATH = Path(__file__).resolve().parent.parent / "domain" / "data" / "retention-rulebook.yaml"


@cache
def load_rules() -> RetentionRules:
    """The rules in force."""
    data = yaml.safe_load(PATH.read_text(encoding="utf-8"))
    return parse_retention_rules({key: value for key, value in data.items() if key != "version"})
