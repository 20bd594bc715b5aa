"""Loads the rulebook of one-time codes. Read once per process."""

from dataclasses import dataclass
from functools import cache
from pathlib import Path

import yaml

from server import domain

PATH = Path(domain.__file__).resolve().parent / "data" / "sms-rulebook.yaml"


@dataclass(frozen=True, slots=True)
class CodeRules:
    """How long a code lives, how often it may be tried, and when the next one may be asked for."""

    lifetime_s: int
    attempts: int
    resend_after_s: int


@cache
def code_rules() -> CodeRules:
    """The rules in force. Raises `KeyError` or `ValueError` for a missing or impossible value."""
    codes = yaml.safe_load(PATH.read_text(encoding="utf-8"))["codes"]
    rules = CodeRules(int(codes["lifetime_minutes"]) * 60, int(codes["attempts"]), int(codes["resend_after_s"]))
    if min(rules.lifetime_s, rules.attempts) < 1 or rules.resend_after_s < 0:
        raise ValueError("sms rulebook: impossible value")
    return rules
