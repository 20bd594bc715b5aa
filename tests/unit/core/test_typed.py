"""Codes and numbers as people type them: full width and groups become plain, other scripts and nonsense are refused."""

from typing import Any

import pytest
from pydantic import TypeAdapter, ValidationError

from server.http.typed import CertNo, Code, FourDigits, Phone, SixDigits

TYPED: dict[Any, tuple[str, str]] = {
    SixDigits: ("１２３４５６", "123456"),
    FourDigits: (" ００ ０１ ", "0001"),
    Phone: ("１３８ ００１３ ８０００", "13800138000"),
    CertNo: ("１１０１０１ １９９００１０１ ００１Ｘ", "11010119900101001X"),
    Code: ("Ａ－００１　", "A-001"),
}
REFUSED: dict[Any, tuple[str, ...]] = {
    SixDigits: ("١٢٣٤٥٦", "12345", "1234567", "12345a", "一二三四五六", "²²²²²²x", ""),
    FourDigits: ("٠٠٠١", "000"),
    Phone: ("12345678901", "１２３４５６７８９０１", "١٣٨٠٠١٣٨٠٠٠", "138001380001"),
    CertNo: ("１２３",),
    Code: ("张三", "A B", "A\nB"),
}


@pytest.mark.parametrize("kind", TYPED)
def test_what_is_accepted_is_plain(kind: Any) -> None:
    typed, wanted = TYPED[kind]
    assert TypeAdapter[Any](kind).validate_python(typed) == wanted
    assert TypeAdapter[Any](kind).validate_python(wanted) == wanted


@pytest.mark.parametrize("kind", REFUSED)
def test_what_is_no_code_is_refused(kind: Any) -> None:
    for typed in (*REFUSED[kind], 5, None, ["123456"]):
        with pytest.raises(ValidationError):
            TypeAdapter[Any](kind).validate_python(typed)
