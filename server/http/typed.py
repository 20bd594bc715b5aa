"""Digits and codes as people type them. Chinese keyboards give full-width characters and phones paste numbers with spaces: both
become plain (Unicode NFKC) before any rule looks, so that what is accepted is also what is compared and stored. Digits of other
scripts are refused.
"""

import json
import re
import unicodedata
from datetime import date
from typing import Annotated, Any

from pydantic import AfterValidator, BaseModel, BeforeValidator, StringConstraints, ValidationError
from pydantic_core import PydanticCustomError

UNPRINTABLE = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\x7f-\x9f\u061c\u200e\u200f\u202a-\u202e\u2066-\u2069\ud800-\udfff]")
"""Control characters but tab and line breaks, marks that turn the direction of writing, halves of characters. No text has them:
they would be read otherwise than they are stored, or break what stores them."""
_INVISIBLE = frozenset(("Cc", "Cf", "Zl", "Zp", "Cs"))


FIRST_YEAR, LAST_YEAR = 1900, 2200


def plain(value: Any) -> Any:
    """A text in plain characters, trimmed; anything else as it is, for the rules to refuse."""
    return unicodedata.normalize("NFKC", value).strip() if isinstance(value, str) else value


def ungrouped(value: Any) -> Any:
    """As `plain`, without the spaces that people group digits with."""
    value = plain(value)
    return "".join(value.split()) if isinstance(value, str) else value


def is_one_line(value: str) -> bool:
    """Whether a text is of one line and everything in it can be seen."""
    return not any(unicodedata.category(char) in _INVISIBLE for char in value)


def one_line(value: str) -> str:
    """A text of one line in which everything can be seen. Raises for line breaks, tabs and format characters."""
    if not is_one_line(value):
        raise PydanticCustomError("text_unprintable", "line breaks and invisible characters are not allowed")
    return value


def unprintable(value: Any) -> list[str]:
    """Where a request has characters that no text may have: paths into it."""
    found: list[str] = []
    waiting: list[tuple[str, Any]] = [("", value)]
    while waiting:  # not recursive: a request decides how deep it goes
        path, item = waiting.pop()
        if isinstance(item, str) and UNPRINTABLE.search(item):
            found.append(path)
        elif isinstance(item, dict):
            found += [f"{path}{UNPRINTABLE.sub('?', key)}" for key in item if UNPRINTABLE.search(key)]
            waiting += [(f"{path}.{key}".lstrip("."), one) for key, one in item.items() if not UNPRINTABLE.search(key)]
        elif isinstance(item, list):
            waiting += [(f"{path}.{index}".lstrip("."), one) for index, one in enumerate(item)]
    return sorted(found)


def twin_names(data: bytes) -> list[str]:
    """Names that stand twice in an object of a JSON text that can be read. Raises `RecursionError` where it is too deep."""
    found: set[str] = set()

    def look(pairs: list[tuple[str, Any]]) -> None:
        seen: set[str] = set()
        for name, _ in pairs:
            (found if name in seen else seen).add(name)

    json.loads(data, object_pairs_hook=look)
    return sorted(UNPRINTABLE.sub("?", name)[:60] for name in found)[:20]


def beyond_time(value: Any) -> list[str]:
    """Where a validated request has a day that no sale has: paths into it. Such a day may have none after it, or before it."""
    found: list[str] = []
    waiting: list[tuple[str, Any]] = [("", value)]
    while waiting:
        path, item = waiting.pop()
        if isinstance(item, date) and not FIRST_YEAR <= item.year <= LAST_YEAR:
            found.append(path)
        elif isinstance(item, BaseModel):
            waiting += [(f"{path}.{name}".lstrip("."), one) for name, one in item]
        elif isinstance(item, dict):
            waiting += [(f"{path}.{key}".lstrip("."), one) for key, one in item.items()]
        elif isinstance(item, (list, tuple)):
            waiting += [(f"{path}.{index}".lstrip("."), one) for index, one in enumerate(item)]
    return sorted(found)


def faults(error: ValidationError, value: Any) -> list[dict[str, str]]:
    """What a model refused in a request: plain path and code of each fault, a path once.

    Between the fields pydantic names its own types (the members of a union); only what leads somewhere in the request, or is a
    field that is missing from it, stands in a path.
    """
    found: dict[str, dict[str, str]] = {}
    for fault in error.errors(include_input=False, include_url=False, include_context=False):
        path, at = [], value
        for part in fault["loc"]:
            if isinstance(part, int):
                at = at[part] if isinstance(at, list) and part < len(at) else None
            elif isinstance(at, dict) and part in at:
                at = at[part]
            elif fault["type"] != "missing" or part != fault["loc"][-1]:
                continue  # the name of a type
            path.append(str(part))
        found.setdefault(".".join(path), {"path": ".".join(path), "code": fault["type"]})
    return list(found.values())


def several(value: Any) -> Any:
    """A query field that may be repeated: one value is a list of one."""
    return value if value is None or isinstance(value, list) else [value]


Several = BeforeValidator(several)
OneLine = AfterValidator(one_line)
"""Names, titles, relations: what stands in one line on a page, in a film and in an SMS."""
Plain, Ungrouped = BeforeValidator(plain), BeforeValidator(ungrouped)

SixDigits = Annotated[str, Ungrouped, StringConstraints(pattern=r"^[0-9]{6}$")]
"""A join code, a code from an SMS or an authenticator."""
FourDigits = Annotated[str, Ungrouped, StringConstraints(pattern=r"^[0-9]{4}$")]
"""The end of a phone number."""
Phone = Annotated[str, Ungrouped, StringConstraints(pattern=r"^1[3-9][0-9]{9}$")]
"""A mobile number of the mainland."""
CertNo = Annotated[str, Ungrouped, StringConstraints(min_length=4, max_length=30), OneLine]
"""The number of an identity paper."""
MOST = 2**31 - 1
"""The largest whole number that a column of any database takes. What is larger is refused at the door."""
Code = Annotated[str, Plain, StringConstraints(pattern=r"^[A-Za-z0-9_.\-]{1,40}$")]
"""An organisation's, an agent's or a product's code."""
