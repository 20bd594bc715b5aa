"""`--case` finds the packages of a case in the local store and uses the installation's own keys."""

import json
import shutil
from datetime import UTC, datetime
from pathlib import Path

import pytest
import sqlalchemy as sa

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
