"""Digits and codes as people type them. Chinese keyboards give full-width characters and phones paste numbers with spaces: both
become plain (Unicode NFKC) before any rule looks, so that what is accepted is also what is compared and stored. Digits of other
scripts are refused.
"""

import unicodedata
from typing import Annotated, Any

from pydantic import BeforeValidator, StringConstraints


def plain(value: Any) -> Any:
    """A text in plain characters, trimmed; anything else as it is, for the rules to refuse."""
    return unicodedata.normalize("NFKC", value).strip() if isinstance(value, str) else value


def ungrouped(value: Any) -> Any:
    """As `plain`, without the spaces that people group digits with."""
    value = plain(value)
    return "".join(value.split()) if isinstance(value, str) else value


Plain, Ungrouped = BeforeValidator(plain), BeforeValidator(ungrouped)

SixDigits = Annotated[str, Ungrouped, StringConstraints(pattern=r"^[0-9]{6}$")]
"""A join code, a code from an SMS or an authenticator."""
FourDigits = Annotated[str, Ungrouped, StringConstraints(pattern=r"^[0-9]{4}$")]
"""The end of a phone number."""
Phone = Annotated[str, Ungrouped, StringConstraints(pattern=r"^1[3-9][0-9]{9}$")]
"""A mobile number of the mainland."""
CertNo = Annotated[str, Ungrouped, StringConstraints(min_length=4, max_length=30)]
"""The number of an identity paper."""
Code = Annotated[str, Plain, StringConstraints(pattern=r"^[A-Za-z0-9_.\-]{1,40}$")]
"""An organisation's, an agent's or a product's code."""
