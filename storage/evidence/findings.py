"""What verification can find. Codes are stable; texts for people live with whoever shows them."""

from dataclasses import dataclass, field
from enum import StrEnum
from typing import Any


class Code(StrEnum):
    """Every kind of finding."""

    PACKAGE_UNREADABLE = "PACKAGE_UNREADABLE"
    MANIFEST_MISSING = "MANIFEST_MISSING"
    MANIFEST_CHANGED = "MANIFEST_CHANGED"
    MANIFEST_INVALID = "MANIFEST_INVALID"
    SIGNATURE_MISSING = "SIGNATURE_MISSING"
    SIGNATURE_INVALID = "SIGNATURE_INVALID"
    KEY_UNKNOWN = "KEY_UNKNOWN"
    KEY_RETIRED = "KEY_RETIRED"
    KEY_FROM_PACKAGE = "KEY_FROM_PACKAGE"
    TIME_STAMP_MISSING = "TIME_STAMP_MISSING"
    TIME_STAMP_INVALID = "TIME_STAMP_INVALID"
    TIME_STAMP_DEVELOPMENT = "TIME_STAMP_DEVELOPMENT"
    TIME_STAMP_UNTRUSTED = "TIME_STAMP_UNTRUSTED"
    TIME_STAMP_APART = "TIME_STAMP_APART"
    FILE_MISSING = "FILE_MISSING"
    FILE_CHANGED = "FILE_CHANGED"
    FILE_CUT = "FILE_CUT"
    FILE_EXTENDED = "FILE_EXTENDED"
    FILE_UNREADABLE = "FILE_UNREADABLE"
    FILE_UNLISTED = "FILE_UNLISTED"
    SEGMENT_REMOVED = "SEGMENT_REMOVED"
    SEGMENT_REORDERED = "SEGMENT_REORDERED"
    SEGMENT_CHAIN_BROKEN = "SEGMENT_CHAIN_BROKEN"
    JOURNAL_MISMATCH = "JOURNAL_MISMATCH"
    EVENT_CHANGED = "EVENT_CHANGED"
    EVENT_REMOVED = "EVENT_REMOVED"
    EVENT_TAIL_CUT = "EVENT_TAIL_CUT"
    EVENT_ADDED = "EVENT_ADDED"
    EVENT_REORDERED = "EVENT_REORDERED"


WARNINGS = frozenset({Code.KEY_FROM_PACKAGE, Code.TIME_STAMP_DEVELOPMENT, Code.TIME_STAMP_UNTRUSTED, Code.TIME_STAMP_APART})


@dataclass(frozen=True, slots=True)
class Finding:
    """One finding.

    Attributes:
        path: file inside the package, None for the package as a whole.
        offset: first changed byte where it could be derived.
        detail: facts by name (`sealed`, `found`, `seq`, `seat_id`, `t0_ms` …).
    """

    code: Code
    path: str | None = None
    offset: int | None = None
    detail: dict[str, Any] = field(default_factory=dict)

    @property
    def is_error(self) -> bool:
        """Whether the package must not be trusted because of it."""
        return self.code not in WARNINGS
