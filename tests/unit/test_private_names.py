"""Private names of other people's libraries: each is listed with the test that fails when it changes; none is unlisted."""

import ast
import inspect
from collections.abc import Iterator
from pathlib import Path

import pytest
from minio import Minio

ROOT = Path(__file__).resolve().parents[2]
PACKAGES = ("server", "media", "asr", "storage")
PUBLIC = {"_replace", "_asdict", "_fields", "_make", "_exit"}  # of named tuples and of os: documented

TOUCHED = {
    "media/transport/private.py": (
        "tests/media/test_private_names.py",
        {"_binding", "_rx_srtp", "_tx_srtp", "_srtp", "_srtp_profiles", "_set_role", "_ssl"},
    ),
    "server/http/server.py": ("tests/contract/test_bad_requests.py", {"_kwargs"}),
    "storage/objects/multipart.py": (
        "tests/unit/test_private_names.py",
        {
            "_create_multipart_upload", "_upload_part", "_complete_multipart_upload", "_list_multipart_uploads", "_list_parts",
            "_abort_multipart_upload",
        },
    ),
}  # fmt: skip


def _is_private(name: str) -> bool:
    return name.startswith("_") and not name.startswith("__")


def _defined(tree: ast.AST) -> Iterator[str]:
    """Private names that a module of ours makes itself."""
    for node in ast.walk(tree):
        match node:
            case ast.FunctionDef(name=name) | ast.AsyncFunctionDef(name=name) | ast.ClassDef(name=name):
                yield name
            case ast.Name(id=name, ctx=ast.Store()) | ast.Constant(value=str(name)):
                yield name
            case ast.Attribute(value=ast.Name(id="self" | "cls"), attr=name, ctx=ast.Store()):
                yield name


def _used(tree: ast.AST) -> Iterator[str]:
    for node in ast.walk(tree):
        match node:
            case ast.Attribute(attr=name):
                yield name
            case ast.ImportFrom(module=module, names=names, level=0):
                yield from (module or "").split(".")
                yield from (alias.name for alias in names)
            case ast.Import(names=names):
                for alias in names:
                    yield from alias.name.split(".")


@pytest.fixture(scope="module")
def trees() -> dict[str, ast.Module]:
    files = [path for package in PACKAGES for path in sorted((ROOT / package).rglob("*.py"))]
    return {path.relative_to(ROOT).as_posix(): ast.parse(path.read_text(encoding="utf-8")) for path in files}


def test_every_private_name_that_is_touched_is_listed(trees: dict[str, ast.Module]) -> None:
    ours = {name for tree in trees.values() for name in _defined(tree)} | PUBLIC
    found = {file: {name for name in _used(tree) if _is_private(name)} - ours for file, tree in trees.items()}
    listed = {file: names for file, (_, names) in TOUCHED.items()}
    assert {file: names for file, names in found.items() if names} == listed, "give a new one a test, and list both here"


@pytest.mark.parametrize("file", TOUCHED)
def test_every_listed_name_is_looked_at_by_its_test(file: str) -> None:
    test, names = TOUCHED[file]
    text = (ROOT / test).read_text(encoding="utf-8")
    assert not {name for name in names if name not in text}
    assert Path(test).name in (ROOT / file).read_text(encoding="utf-8"), "the module names its test"


def test_request_methods_of_minio() -> None:
    """What `storage/objects/multipart.py` calls, by place and by name; what comes back is tried on a real server."""
    calls = {
        "_create_multipart_upload": ["bucket_name", "object_name", "headers"],
        "_upload_part": ["bucket_name", "object_name", "data", "headers", "upload_id", "part_number"],
        "_complete_multipart_upload": ["bucket_name", "object_name", "upload_id", "parts"],
        "_abort_multipart_upload": ["bucket_name", "object_name", "upload_id"],
        "_list_parts": ["bucket_name", "object_name", "upload_id"],
        "_list_multipart_uploads": ["bucket_name"],
    }
    for name, expected in calls.items():
        parameters = list(inspect.signature(getattr(Minio, name)).parameters)[1:]
        assert parameters[: len(expected)] == expected, name
    assert "part_number_marker" in inspect.signature(Minio._list_parts).parameters
    assert "prefix" in inspect.signature(Minio._list_multipart_uploads).parameters
