"""Which captured identity pictures count. Pure."""

from collections.abc import Mapping, Sequence
from typing import Any

_DECIDED_BY = {"face": "face_present", "id_front": "card_present", "id_back": "card_present", "bank_card": "card_present"}
COMPARISON = "face_matches_card"
COMPARED = {"face": "id_front", "id_front": "face"}
"""The two pictures that are compared, each with its other."""


def is_usable(kind: str, checks: Sequence[Mapping[str, Any]]) -> bool:
    """Whether a picture can stand for its kind.

    A face picture is the reference of every later comparison: one in which no face or several were found is none. A card
    that is a person's picture is none either. What could not be measured (no model) is left to people, and so is what is only
    doubtful: documents are flagged by their checks and judged by people.
    """
    code = _DECIDED_BY.get(kind)
    return not any(check.get("code") == code and check.get("result") == "failed" for check in checks)
