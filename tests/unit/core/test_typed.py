"""Codes and numbers as people type them: full width and groups become plain, other scripts and nonsense are refused."""

from typing import Annotated, Any, Literal

import pytest
from pydantic import BaseModel, ConfigDict, Field, TypeAdapter, ValidationError

from server.http.typed import CertNo, Code, FourDigits, Phone, Several, SixDigits, faults

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


class _Circle(BaseModel):
    kind: Literal["circle"]
    radius: int


class _Square(BaseModel):
    kind: Literal["square"]
    side: int


class _Drawing(BaseModel):
    model_config = ConfigDict(extra="forbid")
    shapes: list[Annotated[_Circle | _Square, Field(discriminator="kind")]]
    name: int | list[int] = 0
    layers: Annotated[list[Literal["front", "back"]], Several] | None = None


@pytest.mark.parametrize(
    ("sent", "wanted"),
    [
        ({}, {"shapes": "missing"}),
        ({"shapes": {}}, {"shapes": "list_type"}),
        ({"shapes": [{"kind": "circle", "radius": "x"}]}, {"shapes.0.radius": "int_parsing"}),
        ({"shapes": [{"kind": "square"}]}, {"shapes.0.side": "missing"}),
        ({"shapes": [], "name": "x"}, {"name": "int_parsing"}),
        ({"shapes": [], "name": [1, "x"]}, {"name": "int_type", "name.1": "int_parsing"}),
        ({"shapes": [], "layers": "nope"}, {"layers.0": "literal_error"}),
        ({"shapes": [], "layers": ["front", "nope"]}, {"layers.1": "literal_error"}),
        ({"shapes": [], "more": 1}, {"more": "extra_forbidden"}),
    ],
)
def test_what_is_refused_is_named_by_a_plain_path(sent: dict[str, Any], wanted: dict[str, str]) -> None:
    with pytest.raises(ValidationError) as refused:
        _Drawing.model_validate(sent)
    assert {fault["path"]: fault["code"] for fault in faults(refused.value, sent)} == wanted
