"""Numbers of Chinese resident identity cards (GB 11643): check digit, birth date, sex. Pure."""

from dataclasses import dataclass
from datetime import date

_WEIGHTS = (7, 9, 10, 5, 8, 4, 2, 1, 6, 3, 7, 9, 10, 5, 8, 4, 2)
_CHECKS = "10X98765432"


@dataclass(frozen=True, slots=True)
class IdentityNo:
    """What an 18-digit number says."""

    birth_on: date
    sex: str


def check_digit(first17: str) -> str:
    """The eighteenth character."""
    return _CHECKS[sum(int(d) * w for d, w in zip(first17, _WEIGHTS, strict=True)) % 11]


def parse_identity_no(number: str) -> IdentityNo | None:
    """Read a number; None when it is not a valid one."""
    number = number.strip().upper()
    if len(number) != 18 or not (number[:17].isascii() and number[:17].isdigit()) or check_digit(number[:17]) != number[17]:
        return None
    try:
        birth_on = date(int(number[6:10]), int(number[10:12]), int(number[12:14]))
    except ValueError:
        return None
    return IdentityNo(birth_on, "male" if int(number[16]) % 2 else "female")


def make_identity_no(region: str, birth_on: date, order: int, sex: str) -> str:
    """A number with a right check digit, for demo data and tests. `order` 0…499 counts people of one day and place."""
    first17 = f"{region}{birth_on:%Y%m%d}{order * 2 + (1 if sex == 'male' else 0):03d}"
    return first17 + check_digit(first17)
