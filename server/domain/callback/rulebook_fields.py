"""Describes every field of a rulebook for a form: place, kind, choices, default. Read from the types, never written twice."""

from collections.abc import Mapping
from dataclasses import MISSING, dataclass, fields, is_dataclass
from datetime import date, time
from types import UnionType
from typing import Any, Literal, get_args, get_origin, get_type_hints

from server.domain.callback.rulebook import Rulebook

Kind = Literal["text", "number", "yes_no", "date", "time", "choice", "choices", "texts", "numbers", "mapping"]
FIXED = frozenset({"id", "version", "effective_from", "notes"})
"""Given by the publication, not by the form."""


@dataclass(frozen=True, slots=True)
class FieldInfo:
    """A field. `section` is the first part of its path; `value_kind` and `choices` tell of a mapping's values."""

    path: str
    section: str
    kind: Kind
    choices: tuple[str, ...]
    is_optional: bool
    default: Any


def rulebook_fields() -> tuple[FieldInfo, ...]:
    """All fields, in the order of the rulebook."""
    return tuple(_fields(Rulebook, ""))


def _fields(kind: Any, prefix: str) -> list[FieldInfo]:
    hints = get_type_hints(kind)
    found: list[FieldInfo] = []
    for item in fields(kind):
        if not prefix and item.name in FIXED:
            continue
        hint = hints[item.name]
        path = f"{prefix}{item.name}"
        if isinstance(hint, type) and is_dataclass(hint):
            found += _fields(hint, f"{path}.")
            continue
        default = item.default if item.default is not MISSING else None
        if item.default_factory is not MISSING:
            default = item.default_factory()
        found.append(_field(path, hint, default, is_required=item.default is MISSING and item.default_factory is MISSING))
    return found


def _field(path: str, hint: Any, default: Any, *, is_required: bool) -> FieldInfo:
    section = path.split(".", 1)[0] if "." in path else ""
    optional = False
    if get_origin(hint) is UnionType:
        hint, optional = get_args(hint)[0], True
    kind, choices = _kind(hint)
    return FieldInfo(path, section, kind, choices, optional or not is_required, _plain(default))


def _kind(hint: Any) -> tuple[Kind, tuple[str, ...]]:
    origin, arguments = get_origin(hint), get_args(hint)
    if origin is Literal:
        return "choice", tuple(map(str, arguments))
    if origin is tuple:
        inner, choices = _kind(arguments[0])
        listed: dict[str, Kind] = {"choice": "choices", "number": "numbers"}
        return listed.get(inner, "texts"), choices
    if origin is not None and issubclass(origin, Mapping):
        return "mapping", _kind(arguments[1])[1]
    plain: dict[Any, Kind] = {bool: "yes_no", int: "number", date: "date", time: "time"}
    return plain.get(hint, "text"), ()


def _plain(value: Any) -> Any:
    if isinstance(value, tuple):
        return list(value)
    if isinstance(value, time):
        return value.strftime("%H:%M")
    if isinstance(value, date):
        return value.isoformat()
    return dict(value) if isinstance(value, Mapping) else value
