"""Differences between two talk scripts, as people read them: nodes are matched by id, not by place. Pure."""

from collections.abc import Iterator
from typing import Any

from server.talkscripts.schemas import DiffEntry


def differences(before: Any, after: Any) -> list[DiffEntry]:
    """All differences, in the order of the newer script."""
    return list(_walk("", before, after))


def _walk(path: str, before: Any, after: Any) -> Iterator[DiffEntry]:
    if before == after:
        return
    if isinstance(before, list) and isinstance(after, list) and _has_ids(before) and _has_ids(after):
        old, new = {str(item["id"]): item for item in before}, {str(item["id"]): item for item in after}
        yield from _walk_keys(old, new, lambda key: f"{path}[{key}]")
        common_old = [key for key in old if key in new]
        common_new = [key for key in new if key in old]
        if common_old != common_new:
            yield DiffEntry(path=f"{path}[order]", change="changed", before=common_old, after=common_new)
    elif isinstance(before, dict) and isinstance(after, dict):
        yield from _walk_keys(before, after, lambda key: f"{path}.{key}" if path else key)
    else:
        yield DiffEntry(path=path, change="changed", before=before, after=after)


def _walk_keys(old: dict[str, Any], new: dict[str, Any], name: Any) -> Iterator[DiffEntry]:
    for key, value in new.items():
        if key in old:
            yield from _walk(name(key), old[key], value)
        else:
            yield DiffEntry(path=name(key), change="added", before=None, after=value)
    for key, value in old.items():
        if key not in new:
            yield DiffEntry(path=name(key), change="removed", before=value, after=None)


def _has_ids(items: list[Any]) -> bool:
    return bool(items) and all(isinstance(item, dict) and "id" in item for item in items)
