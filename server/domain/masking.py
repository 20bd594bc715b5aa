"""How personal data is shown where it need not be read in full. Pure."""

import re
from typing import Any

_PHONE = re.compile(r"(?<!\d)(1[3-9]\d)\d{4}(\d{4})(?!\d)")
_ID_NO = re.compile(r"(?<![0-9A-Za-z])(\d{3})\d{11}(\d{3}[0-9Xx])(?![0-9A-Za-z])")
_PERSONAL_KEYS = {"name": "name", "phone": "phone", "to_phone": "phone", "cert_no": "number", "bank_card": "number"}


def mask_phone(phone: str) -> str:
    """`13800138000` → `138****8000`."""
    return f"{phone[:3]}****{phone[-4:]}" if len(phone) >= 8 else "*" * len(phone)


def mask_number(number: str) -> str:
    """An ID or card number: three characters at the front, four at the end."""
    return f"{number[:3]}{'*' * (len(number) - 7)}{number[-4:]}" if len(number) > 8 else f"{number[:1]}****"


def mask_name(name: str) -> str:
    """`张小明` → `张**`."""
    return name[:1] + "*" * max(1, len(name) - 1) if name else ""


def mask_text(text: str) -> str:
    """Mask phones and 18-digit ID numbers inside free text."""
    return _ID_NO.sub(r"\1***********\2", _PHONE.sub(r"\1****\2", text))


def mask_data(value: Any, key: str = "") -> Any:
    """Mask a JSON-like value: by key (name, phone, cert_no…) and, in any other string, by pattern."""
    if isinstance(value, dict):
        return {k: mask_data(v, str(k)) for k, v in value.items()}
    if isinstance(value, (list, tuple)):
        return [mask_data(item, key) for item in value]
    if not isinstance(value, str):
        return value
    match _PERSONAL_KEYS.get(key):
        case "name":
            return mask_name(value)
        case "phone":
            return value if "*" in value else mask_phone(value)
        case "number":
            return value if "*" in value else mask_number(value)
        case _:
            return mask_text(value)
