"""`--case` finds the packages of a case in the local store and uses the installation's own keys."""

import json
import shutil
import zipfile
from datetime import UTC, datetime
from pathlib import Path

import pytest
import sqlalchemy as sa

from scripts import verify_evidence
from scripts.verify_evidence import main
from server.recordings.tables import recordings
from tests.unit.evidence.packages import build_package


def test_a_case_is_verified_with_the_keys_of_the_installation(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    package = build_package(tmp_path)
    data = tmp_path / "data"
    target = data / "store/objects/evidence/case_1/rec_1"
    shutil.copytree(package, target)
    shutil.copytree(tmp_path / "ring", data / "seal-keys")
    shutil.copytree(tmp_path / "tsa", data / "time-stamp-authority")
    assert main(["--case", "case_1", "--data", str(data), "--json"]) == 0
    report = json.loads(capsys.readouterr().out.splitlines()[-1])
    assert [finding["code"] for finding in report["findings"]] == ["TIME_STAMP_DEVELOPMENT"]
    segment = target / "segments/s1.l1.main.00000.webm"
    content = bytearray(segment.read_bytes())
    content[5] ^= 1
    segment.write_bytes(content)
    assert main(["--case", "case_1", "--data", str(data)]) == 1
    assert "偏移 5" in capsys.readouterr().out
    assert main(["--case", "case_2", "--data", str(data)]) == 2


def remember(data: Path, *known: tuple[str, str, str]) -> None:
    """Write (id, kind, state) into the database of the data folder as recordings of `case_1`."""
    engine = sa.create_engine(f"sqlite:///{data / 'service.db'}")
    with engine.begin() as connection:
        recordings.create(connection, checkfirst=True)
        for minute, (recording_id, kind, state) in enumerate(known):
            at = datetime(2026, 11, 22, 9, minute, tzinfo=UTC)
            row = {"id": recording_id, "case_id": "case_1", "session_id": "ses_1", "kind": kind, "state": state, "dir": "x"}
            connection.execute(sa.insert(recordings).values(**row, meta={}, started_at=at, created_at=at))
    engine.dispose()


def test_every_recording_of_a_case_is_named(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    data = tmp_path / "data"
    shutil.copytree(build_package(tmp_path), data / "store/objects/evidence/case_1/rec_1")
    remember(data, ("rec_1", "initial", "sealed"))
    command = ["--case", "case_1", "--data", str(data)]
    assert main(command) == 0
    remember(data, ("rec_2", "supplementary", "finalising"))
    capsys.readouterr()
    assert main(command) == 3
    out = capsys.readouterr().out
    assert "第 1 次录制（首次录制）rec_1：已封存" in out
    assert "✗ 第 2 次录制（补录）rec_2：尚未封存 (正在封存)" in out
    assert main([*command, "--json"]) == 3
    lines = [json.loads(line) for line in capsys.readouterr().out.splitlines()]
    assert [(line.get("recording"), line["is_intact"]) for line in lines] == [(None, True), ("rec_2", None)]
    remember(data, ("rec_3", "supplementary", "sealed"))
    assert main(command) == 2, "a sealed recording whose package is not here is not verified"
    assert "rec_3：已封存, 但证据包不在本机" in capsys.readouterr().out
    (data / "store/objects/evidence/case_1/rec_1/journal.ndjson").write_bytes(b"")
    assert main(command) == 1, "what was changed comes first"


def test_without_the_database_it_says_so(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    data = tmp_path / "data"
    shutil.copytree(build_package(tmp_path), data / "store/objects/evidence/case_1/rec_1")
    assert main(["--case", "case_1", "--data", str(data)]) == 0
    assert "读不到数据库" in capsys.readouterr().out


def test_a_case_is_found_in_the_data_folder_that_has_it(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(verify_evidence, "ROOT", tmp_path / "project")
    monkeypatch.delenv("DR_DATA_DIR", raising=False)
    package = build_package(tmp_path)
    first, second = (tmp_path / "project/data/demo-case" / name / "data" for name in ("20260101-080000", "20260102-080000"))
    shutil.copytree(package, first / "store/objects/evidence/case_1/rec_1")
    shutil.copytree(package, second / "store/objects/evidence/case_2/rec_1")
    for case_id, folder, other in (("case_1", first, second), ("case_2", second, first)):
        assert main(["--case", case_id]) == 0
        out = capsys.readouterr().out
        assert f"数据文件夹 {folder}\n" in out
        assert str(other) not in out
    assert main(["--case", "case_3"]) == 2
    out = capsys.readouterr().out
    assert all(str(folder) in out for folder in (tmp_path / "project/data", first, second)), "where it looked"
    monkeypatch.setenv("DR_DATA_DIR", str(first))
    assert main(["--case", "case_2"]) == 2, "a folder that is named is the only one"
    with pytest.raises(SystemExit):
        main(["--case", ""])


def test_an_exported_package_of_a_store_that_is_gone_is_verified(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    package, data = build_package(tmp_path), tmp_path / "run/data"
    data.mkdir(parents=True)
    remember(data, ("rec_1", "initial", "sealed"))
    with zipfile.ZipFile(data.parent / "rec_1.zip", "w") as zipped:
        for path in package.rglob("*"):
            zipped.write(path, path.relative_to(package))
    assert main(["--case", "case_1", "--data", str(data)]) == 0
    assert "rec_1.zip" in capsys.readouterr().out


def test_what_came_after_the_seal_is_named_as_not_covered(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    package = build_package(tmp_path)
    assert main([str(package)]) == 0
    assert "不包括" not in capsys.readouterr().out
    (package / "annex").mkdir()
    (package / "annex/access-log.json").write_text("[]")
    (package / "index.html").write_text("<!doctype html>")
    assert main([str(package)]) == 0
    out = capsys.readouterr().out
    assert "不包括 2 个封存之后才生成的文件" in out
    assert "annex/access-log.json" in out
    assert main([str(package), "--json"]) == 0
    assert json.loads(capsys.readouterr().out)["not_covered"] == ["annex/access-log.json", "index.html"]


def test_a_list_of_keys_that_cannot_be_read_is_named(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    keys = tmp_path / "keys.json"
    for content in (
        b"no json",
        b"{}",
        b'{"keys": [{"key_id": "00", "public_key": "AAAA", "active_from": "2026-01-01T00:00:00+00:00"}]}',
    ):
        keys.write_bytes(content)
        assert main([str(build_package(tmp_path / content.hex()[:8])), "--keys", str(keys)]) == 2
        assert f"读不了 {keys}" in capsys.readouterr().out
