"""Which captured identity pictures count. Pure."""

from collections.abc import Mapping, Sequence
from typing import Any


def is_usable(kind: str, checks: Sequence[Mapping[str, Any]]) -> bool:
    """Whether a picture can stand for its kind.

    A face picture is the reference of every later comparison: one in which no face or several were found is none. What could
    not be measured (no model) is left to people. Documents are flagged by their checks and judged by people.
    """
    if kind != "face":
        return True
    return not any(check.get("code") == "face_present" and check.get("result") == "failed" for check in checks)
