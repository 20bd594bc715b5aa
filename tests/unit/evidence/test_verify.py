"""Whatever is changed in a sealed package is named."""

import json
import shutil
import subprocess
import sys
import zipfile
from datetime import timedelta
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from storage.evidence.canonical import canonical
from storage.evidence.chain import chain_events
from storage.evidence.findings import Code
from storage.evidence.package import FolderPackage, ZipPackage
from storage.evidence.signing import KeyRing
from storage.evidence.timestamp import LocalAuthority
from storage.evidence.verify import Report, verify
from tests.unit.evidence.packages import AT, build_package

ROOT = Path(__file__).resolve().parents[3]


@pytest.fixture(scope="module")
def sealed(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return build_package(tmp_path_factory.mktemp("sealed"))


@pytest.fixture
def package(sealed: Path, tmp_path: Path) -> Path:
    shutil.copytree(sealed, tmp_path / "package")
    return tmp_path / "package"


def check(folder: Path, sealed: Path) -> Report:
    keys = {key.key_id: key for key in KeyRing(sealed.parent / "ring").public_keys()}
    return verify(FolderPackage(folder), trusted_keys=keys, tsa_roots=LocalAuthority(sealed.parent / "tsa").roots())


def errors(report: Report) -> list[Code]:
    return [finding.code for finding in report.findings if finding.is_error]


def test_an_untouched_package_is_intact(sealed: Path) -> None:
    report = check(sealed, sealed)
    assert report.is_intact
    assert [finding.code for finding in report.findings] == [Code.TIME_STAMP_DEVELOPMENT]
    assert report.files == 12
    assert report.key_id
    assert report.stamp


FILES = ["segments/s1.l1.main.00001.webm", "events.ndjson", "journal.ndjson", "manifest.json", "keys/keys.json"]


@settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(name=st.sampled_from(FILES), position=st.floats(0, 1, exclude_max=True), error=st.integers(1, 255))
def test_the_flipped_byte_is_named_and_proven(sealed: Path, name: str, position: float, error: int) -> None:
    path = sealed / name
    original = path.read_bytes()
    offset = int(position * len(original))
    changed = bytearray(original)
    changed[offset] ^= error
    path.write_bytes(changed)
    try:
        report = check(sealed, sealed)
    finally:
        path.write_bytes(original)
    finding = next(f for f in report.findings if f.path == name and f.code in (Code.FILE_CHANGED, Code.MANIFEST_CHANGED))
    assert not report.is_intact
    assert finding.offset == offset
    assert finding.detail["is_proven"] is True
    assert finding.detail["changes"] == [{"offset": offset, "sealed": original[offset], "found": changed[offset]}]


@settings(max_examples=40, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(
    name=st.sampled_from(["signature.json", "timestamp.tsr"]), position=st.floats(0, 1, exclude_max=True), bit=st.integers(0, 7)
)
def test_a_flip_in_the_seal_itself_is_seen(sealed: Path, name: str, position: float, bit: int) -> None:
    path = sealed / name
    original = path.read_bytes()
    changed = bytearray(original)
    changed[int(position * len(original))] ^= 1 << bit
    path.write_bytes(changed)
    try:
        report = check(sealed, sealed)
    finally:
        path.write_bytes(original)
    assert any(finding.path == name and finding.is_error for finding in report.findings)


def test_no_byte_of_the_token_can_be_another(sealed: Path) -> None:
    path = sealed / "timestamp.tsr"
    original = path.read_bytes()
    unseen = []
    try:
        for at in range(len(original)):
            changed = bytearray(original)
            changed[at] ^= 1 << at % 8
            path.write_bytes(changed)
            if not any(finding.path == path.name and finding.is_error for finding in check(sealed, sealed).findings):
                unseen.append(at)
    finally:
        path.write_bytes(original)
    assert unseen == []


def test_the_segment_of_a_flip_is_named_with_its_times(package: Path, sealed: Path) -> None:
    path = package / "segments/s2.l1.main.00002.webm"
    data = bytearray(path.read_bytes())
    data[1234] ^= 0x40
    path.write_bytes(data)
    finding = check(package, sealed).findings[0]
    assert (finding.code, finding.offset) == (Code.FILE_CHANGED, 1234)
    assert (finding.detail["seat_id"], finding.detail["t0_ms"], finding.detail["t1_ms"]) == ("s2", 8000, 12000)


def test_two_flips_in_one_block_name_the_block(package: Path, sealed: Path) -> None:
    path = package / "segments/s1.l1.main.00000.webm"
    data = bytearray(path.read_bytes())
    data[10] ^= 1
    data[2000] ^= 9
    path.write_bytes(data)
    finding = check(package, sealed).findings[0]
    assert finding.code == Code.FILE_CHANGED
    assert finding.detail["is_proven"] is False
    assert (finding.detail["block_start"], finding.detail["block_end"]) == (0, 3000)


def test_a_removed_segment_is_named(package: Path, sealed: Path) -> None:
    (package / "segments/s1.l1.main.00002.webm").unlink()
    report = check(package, sealed)
    assert errors(report) == [Code.SEGMENT_REMOVED]
    assert report.findings[0].path == "segments/s1.l1.main.00002.webm"


def test_reordered_segments_are_named(package: Path, sealed: Path) -> None:
    one, two = package / "segments/s1.l1.main.00001.webm", package / "segments/s1.l1.main.00002.webm"
    first, second = one.read_bytes(), two.read_bytes()
    one.write_bytes(second)
    two.write_bytes(first)
    report = check(package, sealed)
    assert errors(report) == [Code.SEGMENT_REORDERED, Code.SEGMENT_REORDERED]
    assert report.findings[0].detail["holds"] == "segments/s1.l1.main.00002.webm"


def test_an_added_file_is_named(package: Path, sealed: Path) -> None:
    (package / "segments/s1.l1.main.00009.webm").write_bytes(b"more")
    assert errors(check(package, sealed)) == [Code.FILE_UNLISTED]


def test_a_cut_file_is_named(package: Path, sealed: Path) -> None:
    path = package / "segments/s1.l1.main.00003.webm"
    path.write_bytes(path.read_bytes()[:1500])
    finding = check(package, sealed).findings[0]
    assert finding.code == Code.FILE_CUT
    assert (finding.detail["found_bytes"], finding.detail["sealed_bytes"]) == (1500, 3000)


def events_of(package: Path) -> list[bytes]:
    return (package / "events.ndjson").read_bytes().splitlines(keepends=True)


def test_a_changed_event_is_named(package: Path, sealed: Path) -> None:
    lines = events_of(package)
    lines[3] = lines[3].replace(b'"n3"', b'"nX"')
    (package / "events.ndjson").write_bytes(b"".join(lines))
    found = [f for f in check(package, sealed).findings if f.code == Code.EVENT_CHANGED]
    assert [(f.detail["seq"], f.detail["line"]) for f in found] == [(3, 4)]


def test_a_changed_event_with_a_recomputed_chain_is_named(package: Path, sealed: Path) -> None:
    bodies = [json.loads(line) for line in events_of(package)]
    for body in bodies:
        del body["prev"], body["hash"]
    bodies[2]["payload"] = {"node_id": "other"}
    (package / "events.ndjson").write_bytes(chain_events(bodies)[0])
    found = [f for f in check(package, sealed).findings if f.code == Code.EVENT_CHANGED]
    assert found[0].detail["seq"] == 2


def test_a_deleted_last_event_is_named(package: Path, sealed: Path) -> None:
    (package / "events.ndjson").write_bytes(b"".join(events_of(package)[:-1]))
    report = check(package, sealed)
    assert Code.EVENT_TAIL_CUT in errors(report)
    cut = next(f for f in report.findings if f.code == Code.EVENT_TAIL_CUT)
    assert cut.detail == {"first_missing_position": 5, "missing": 1}


def test_a_removed_and_a_moved_event_are_named(package: Path, sealed: Path) -> None:
    lines = events_of(package)
    (package / "events.ndjson").write_bytes(b"".join([*lines[:2], *lines[3:]]))
    removed = [f for f in check(package, sealed).findings if f.code == Code.EVENT_REMOVED]
    assert [f.detail["position"] for f in removed] == [2]
    (package / "events.ndjson").write_bytes(b"".join([lines[0], lines[2], lines[1], *lines[3:]]))
    assert Code.EVENT_REORDERED in errors(check(package, sealed))


def test_all_events_gone_is_not_a_pass(package: Path, sealed: Path) -> None:
    (package / "events.ndjson").write_bytes(b"")
    assert Code.EVENT_TAIL_CUT in errors(check(package, sealed))


def test_a_foreign_key_is_seen(package: Path, sealed: Path, tmp_path: Path) -> None:
    forger = KeyRing(tmp_path / "forger")
    (package / "signature.json").write_bytes(forger.sign((package / "manifest.json").read_bytes(), AT))
    assert Code.KEY_UNKNOWN in errors(check(package, sealed))


def test_a_manifest_rewritten_to_fit_a_change_is_seen(package: Path, sealed: Path) -> None:
    manifest = json.loads((package / "manifest.json").read_bytes())
    manifest["recording"]["id"] = "rec_2"
    (package / "manifest.json").write_bytes(canonical(manifest))
    report = check(package, sealed)
    assert errors(report)[0] == Code.MANIFEST_CHANGED
    assert report.findings[0].detail["is_proven"] is True


@pytest.mark.parametrize(
    ("name", "code"),
    [
        ("manifest.json", Code.MANIFEST_MISSING),
        ("signature.json", Code.SIGNATURE_MISSING),
        ("timestamp.tsr", Code.TIME_STAMP_MISSING),
        ("journal.ndjson", Code.FILE_MISSING),
    ],
)
def test_a_missing_part_is_named(package: Path, sealed: Path, name: str, code: Code) -> None:
    (package / name).unlink()
    assert code in errors(check(package, sealed))


def test_rotation_keeps_old_seals_and_refuses_new_ones_of_the_old_key(tmp_path: Path) -> None:
    folder = build_package(tmp_path)
    ring = KeyRing(tmp_path / "ring")
    old = ring.active(AT)
    fresh = ring.rotate(AT + timedelta(days=1))
    assert fresh.key_id != old.key_id
    assert check(folder, folder).is_intact
    late = KeyRing(tmp_path / "stolen")
    late.adopt_file(tmp_path / "ring" / f"{old.key_id}.pem", AT)
    (folder / "signature.json").write_bytes(late.sign((folder / "manifest.json").read_bytes(), AT + timedelta(days=2)))
    assert Code.KEY_RETIRED in errors(check(folder, folder))


@pytest.fixture
def zipped(package: Path, tmp_path: Path) -> Path:
    path = tmp_path / "package.zip"
    with zipfile.ZipFile(path, "w", zipfile.ZIP_STORED) as archive:
        for file in sorted(package.rglob("*")):
            if file.is_file():
                archive.write(file, file.relative_to(package).as_posix())
    return path


def test_a_flip_inside_a_zip_is_named_too(zipped: Path, sealed: Path) -> None:
    assert verify(ZipPackage(zipped)).is_intact
    needle = (sealed / "segments/s1.l1.main.00001.webm").read_bytes()
    data = bytearray(zipped.read_bytes())
    data[data.index(needle) + 77] ^= 2
    zipped.write_bytes(data)
    finding = verify(ZipPackage(zipped)).findings[0]
    assert (finding.code, finding.path, finding.offset) == (Code.FILE_CHANGED, "segments/s1.l1.main.00001.webm", 77)


def test_the_command_line_works_without_the_service(zipped: Path, tmp_path: Path) -> None:
    program = (
        "import runpy,sys; sys.modules['server']=None; sys.argv=sys.argv[1:]; runpy.run_path(sys.argv[0], run_name='__main__')"
    )
    command = [sys.executable, "-c", program, str(ROOT / "scripts/verify_evidence.py"), str(zipped), "--json"]
    done = subprocess.run(command, capture_output=True, text=True, cwd=tmp_path, check=False)
    assert done.returncode == 0, done.stderr
    assert json.loads(done.stdout)["is_intact"] is True
    zipped.write_bytes(zipped.read_bytes()[:-4000])
    done = subprocess.run(command, capture_output=True, text=True, cwd=tmp_path, check=False)
    assert done.returncode == 2
