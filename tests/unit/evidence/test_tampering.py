"""Packages made to confuse whoever reads them: each ends in a finding, or in the refusal to read it, never in a fault of ours."""

import asyncio
import base64
import json
import shutil
import struct
import zipfile
from collections.abc import Callable
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from cryptography import x509
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID

from storage.evidence import timestamp
from storage.evidence.canonical import canonical
from storage.evidence.digest import digest_bytes
from storage.evidence.findings import Code
from storage.evidence.manifest import FileEntry, Manifest
from storage.evidence.package import FolderPackage, PackageError, ZipPackage, is_safe, open_package
from storage.evidence.seal import seal, write_seal
from storage.evidence.signing import KeyRing
from storage.evidence.timestamp import LocalAuthority
from storage.evidence.verify import Report, verify
from tests.unit.evidence.packages import AT, build_package

SEGMENT = "segments/s1.l1.main.00001.webm"


@pytest.fixture(scope="module")
def sealed(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return build_package(tmp_path_factory.mktemp("sealed"))


@pytest.fixture
def package(sealed: Path, tmp_path: Path) -> Path:
    shutil.copytree(sealed, tmp_path / "package")
    return tmp_path / "package"


def trusted(folder: Path, sealed: Path) -> Report:
    keys = {key.key_id: key for key in KeyRing(sealed.parent / "ring").public_keys()}
    return verify(FolderPackage(folder), trusted_keys=keys, tsa_roots=LocalAuthority(sealed.parent / "tsa").roots())


NONSENSE = (
    b"", b"null", b"[]", b"{}", b'"', b'{"a":NaN}\n', b'{"a":"\\ud800"}\n', b"[" * 100_000, b"1" * 5_000,
    b"\xff\xfe", b"\x00" * 64,
    b'{"keys":[{"key_id":"x","public_key":"AAAA","active_from":"0001-01-01T00:00:00+14:00"}]}', b'{"keys":' + b"[" * 100_000,
)  # fmt: skip
PARTS = ("manifest.json", "signature.json", "timestamp.tsr", "events.ndjson", "journal.ndjson", "keys/keys.json")


@pytest.mark.parametrize("name", [*PARTS, "keys/tsa-roots.pem"])
def test_no_content_of_a_part_makes_verifying_fail(package: Path, sealed: Path, name: str) -> None:
    for content in NONSENSE:
        (package / name).write_bytes(content)
        assert not trusted(package, sealed).is_intact, content[:40]
        assert not verify(FolderPackage(package)).is_intact, content[:40]


def statement_with(package: Path, change: Callable[[dict[str, Any]], None]) -> None:
    """Write `signature.json` anew with something else in it; the signature is the old one."""
    wire = json.loads((package / "signature.json").read_bytes())
    change(wire)
    (package / "signature.json").write_bytes(canonical(wire))


@pytest.mark.parametrize(
    "change",
    [
        lambda wire: wire["statement"].update(manifest_sha256="0" * 64, manifest_crc32="zz" * 40),
        lambda wire: wire["statement"].update(manifest_sha256="0" * 64, manifest_crc32="0"),
        lambda wire: wire["statement"].update(manifest_bytes=-1),
        lambda wire: wire["statement"].update(manifest_bytes=10**400),
        lambda wire: wire["statement"].update(manifest_bytes=True),
        lambda wire: wire["statement"].update(sealed_at="0001-01-01T00:00:00+14:00"),
        lambda wire: wire["statement"].update(sealed_at="9999-12-31T23:59:59-14:00"),
        lambda wire: wire["statement"].update(key_id="../../keys"),
        lambda wire: wire.update(note="not signed"),
        lambda wire: wire.update(statement=[]),
        lambda wire: wire.update(signature=1),
    ],
)
def test_a_rewritten_statement_is_an_invalid_signature(
    package: Path, sealed: Path, change: Callable[[dict[str, Any]], None]
) -> None:
    statement_with(package, change)
    codes = {finding.code for finding in trusted(package, sealed).findings if finding.is_error}
    assert codes & {Code.SIGNATURE_INVALID, Code.KEY_UNKNOWN}, codes


def test_the_same_signature_in_another_spelling_is_seen_without_the_token(package: Path, sealed: Path) -> None:
    """The last character before `==` carries four bits that decoding throws away."""
    letters = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/"

    def respell(wire: dict[str, Any]) -> None:
        text = wire["signature"]
        wire["signature"] = text[:-3] + letters[letters.index(text[-3]) ^ 1] + "=="
        assert base64.b64decode(text) == base64.b64decode(wire["signature"])

    statement_with(package, respell)
    assert Code.SIGNATURE_INVALID in {finding.code for finding in trusted(package, sealed).findings}


def test_a_key_of_another_length_in_the_package_is_no_key(package: Path) -> None:
    raw = b"k" * 31
    key_id = digest_bytes(raw).sha256[:32]
    entry = {"key_id": key_id, "public_key": base64.b64encode(raw).decode(), "active_from": AT.isoformat(), "retired_at": None}
    (package / "keys/keys.json").write_bytes(canonical({"keys": [entry]}))
    statement_with(package, lambda wire: wire["statement"].update(key_id=key_id))
    assert Code.KEY_UNKNOWN in {finding.code for finding in verify(FolderPackage(package)).findings}


def seal_anew(package: Path, sealed: Path, change: Callable[[dict[str, Any]], None]) -> None:
    """What the holder of the key would seal: the manifest of the package with a change."""
    wire = json.loads((package / "manifest.json").read_bytes())
    change(wire)
    ring, authority = (KeyRing(sealed.parent / "ring"), LocalAuthority(sealed.parent / "tsa"))
    write_seal(package, asyncio.run(seal(Manifest.model_validate(wire), ring, authority, AT)))


def test_a_segment_changed_between_recording_and_seal_is_named(package: Path, sealed: Path) -> None:
    data = b"another film" + (package / SEGMENT).read_bytes()[12:]
    (package / SEGMENT).write_bytes(data)
    entry = FileEntry.of(SEGMENT, "segment", "application/octet-stream", digest_bytes(data)).model_dump()
    seal_anew(package, sealed, lambda wire: wire.update(files=[entry if f["path"] == SEGMENT else f for f in wire["files"]]))
    found = [finding for finding in trusted(package, sealed).findings if finding.is_error]
    assert [(finding.code, finding.path, finding.detail["is_before_seal"]) for finding in found] == [
        (Code.FILE_CHANGED, SEGMENT, True)
    ]
    assert found[0].detail["t0_ms"] == 4000


def test_a_segment_gone_before_the_seal_is_named(package: Path, sealed: Path) -> None:
    (package / SEGMENT).unlink()
    seal_anew(package, sealed, lambda wire: wire.update(files=[f for f in wire["files"] if f["path"] != SEGMENT]))
    found = [finding for finding in trusted(package, sealed).findings if finding.is_error]
    assert [(finding.code, finding.path) for finding in found] == [(Code.SEGMENT_REMOVED, SEGMENT)]


def token_of_another_authority(message: bytes, at: datetime) -> tuple[bytes, x509.Certificate]:
    """What an authority that is not ours answers at that time, and its root."""
    start = AT - timedelta(days=800)
    root_key, key = (ec.generate_private_key(ec.SECP256R1()), ec.generate_private_key(ec.SECP256R1()))
    names = [x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, name)]) for name in ("Insurer Root", "Insurer Time Stamping")]
    public = root_key.public_key()
    root = timestamp._certificate(names[0], names[0], public, root_key, start, public, is_root=True)
    leaf = timestamp._certificate(names[1], names[0], key.public_key(), root_key, start, public, is_root=False)
    return timestamp._response(message, leaf, key, at), root


@pytest.mark.parametrize(("hours", "told"), [(0.8, False), (9_600, True), (-2, True)])
def test_a_seal_that_claims_another_time_than_its_token_says_so(package: Path, sealed: Path, hours: float, told: bool) -> None:
    token, root = token_of_another_authority((package / "signature.json").read_bytes(), AT + timedelta(hours=hours))
    (package / "timestamp.tsr").write_bytes(token)
    keys = {key.key_id: key for key in KeyRing(sealed.parent / "ring").public_keys()}
    report = verify(FolderPackage(package), trusted_keys=keys, tsa_roots=[root])
    assert report.is_intact, "nothing was changed; which time counts is said"
    assert [finding.code for finding in report.findings] == ([Code.TIME_STAMP_APART] if told else [])


@pytest.mark.parametrize(
    "name",
    [
        "",
        "/etc/passwd",
        "../x",
        "annex/../x",
        "a//b",
        "a/./b",
        "annex\\..\\composite.mp4",
        "..\\x",
        "C:x",
        "a\x00b",
        "a\nb",
        "a\u202eb",
    ],
)
def test_names_that_mean_another_place_are_not_safe(name: str) -> None:
    assert not is_safe(name)


def zipped(package: Path, target: Path, *more: tuple[str, bytes]) -> Path:
    with zipfile.ZipFile(target, "w", zipfile.ZIP_STORED) as archive:
        for file in sorted(package.rglob("*")):
            if file.is_file():
                archive.write(file, file.relative_to(package).as_posix())
        for name, data in more:
            archive.writestr(name, data)
    return target


@pytest.mark.parametrize("name", ["annex\\..\\composite.mp4", "annex/../composite.mp4", "/composite.mp4", "C:composite.mp4"])
def test_a_zip_that_would_unpack_over_a_sealed_file_is_refused(package: Path, tmp_path: Path, name: str) -> None:
    path = zipped(package, tmp_path / "p.zip", (name, b"another film"))
    with pytest.raises(PackageError, match="unsafe"):
        open_package(path)


@pytest.mark.filterwarnings("ignore:Duplicate name")
def test_a_zip_with_one_name_twice_is_refused(package: Path, tmp_path: Path) -> None:
    path = zipped(package, tmp_path / "p.zip", ("manifest.json", b"{}"))
    with pytest.raises(PackageError, match="repeated"):
        open_package(path)


def test_a_file_beside_the_annex_is_named_and_so_is_another_case(package: Path, tmp_path: Path) -> None:
    path = zipped(
        package, tmp_path / "p.zip", ("Composite.MP4", b"x"), ("annex.json", b"x"), ("Annex/x", b"x"), ("annex/x", b"x")
    )
    report = verify(ZipPackage(path))
    unlisted = [finding.path for finding in report.findings if finding.code is Code.FILE_UNLISTED]
    assert (unlisted, report.not_sealed) == (["Annex/x", "Composite.MP4", "annex.json"], ["annex/x"])


def test_an_unsafe_name_in_a_folder_is_no_annex(package: Path, sealed: Path) -> None:
    (package / "annex").mkdir()
    (package / "annex" / "..\\composite.mp4").write_bytes(b"another film")
    assert [f.path for f in trusted(package, sealed).findings if f.code is Code.FILE_UNLISTED] == ["annex/..\\composite.mp4"]


def test_a_zip_whose_headers_disagree_is_named(package: Path, tmp_path: Path) -> None:
    """Another reader might unpack what the member's own header says: packed, or under another name."""
    path = zipped(package, tmp_path / "p.zip")
    with zipfile.ZipFile(path) as archive:
        at = archive.getinfo(SEGMENT).header_offset
    original = path.read_bytes()
    for offset, value in ((8, struct.pack("<H", zipfile.ZIP_DEFLATED)), (6, struct.pack("<H", 1)), (30, b"S"), (0, b"XX")):
        changed = bytearray(original)
        changed[at + offset : at + offset + len(value)] = value
        path.write_bytes(changed)
        found = [finding for finding in verify(ZipPackage(path)).findings if finding.is_error]
        assert [(finding.code, finding.path) for finding in found] == [(Code.FILE_UNREADABLE, SEGMENT)], offset


def test_a_broken_directory_of_a_zip_is_refused_or_named(package: Path, tmp_path: Path) -> None:
    path = zipped(package, tmp_path / "p.zip")
    original = path.read_bytes()
    start = original.rindex(b"PK\x01\x02")
    for offset in (*range(4, 46), *range(len(original) - start - 22, len(original) - start)):
        changed = bytearray(original)
        changed[start + offset] ^= 0xFF
        path.write_bytes(changed)
        try:
            verify(open_package(path))
        except PackageError:
            continue
