"""`--case` finds the packages of a case in the local store and uses the installation's own keys."""

import json
import shutil
from pathlib import Path

import pytest

from scripts.verify_evidence import main
from tests.unit.evidence.packages import build_package


def test_a_case_is_verified_with_the_keys_of_the_installation(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    package = build_package(tmp_path)
    data = tmp_path / "data"
    target = data / "store/objects/evidence/case_1/rec_1"
    shutil.copytree(package, target)
    shutil.copytree(tmp_path / "ring", data / "seal-keys")
    shutil.copytree(tmp_path / "tsa", data / "time-stamp-authority")
    assert main(["--case", "case_1", "--data", str(data), "--json"]) == 0
    report = json.loads(capsys.readouterr().out)
    assert [finding["code"] for finding in report["findings"]] == ["TIME_STAMP_DEVELOPMENT"]
    segment = target / "segments/s1.l1.main.00000.webm"
    content = bytearray(segment.read_bytes())
    content[5] ^= 1
    segment.write_bytes(content)
    assert main(["--case", "case_1", "--data", str(data)]) == 1
    assert "偏移 5" in capsys.readouterr().out
    assert main(["--case", "case_2", "--data", str(data)]) == 2
