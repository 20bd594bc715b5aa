"""Verifying streams: a package many times as large takes no more memory."""

import json
import os
import subprocess
import sys
from pathlib import Path

from server.settings import ROOT
from tests.unit.evidence.packages import build_package


def peak_mib(package: Path) -> float:
    command = [sys.executable, str(ROOT / "scripts" / "verify_evidence.py"), str(package), "--json"]
    process = subprocess.Popen(command, stdout=subprocess.PIPE)
    assert process.stdout
    answer = json.loads(process.stdout.read())
    _, status, usage = os.wait4(process.pid, 0)
    process.returncode = os.waitstatus_to_exitcode(status)
    process.stdout.close()
    assert answer["is_intact"] is True
    return usage.ru_maxrss / 1024


def test_a_large_package_is_verified_in_the_memory_of_a_small_one(tmp_path: Path) -> None:
    small = build_package(tmp_path / "small", segments=1, segment_bytes=1 << 10)
    large = build_package(tmp_path / "large", segments=3, segment_bytes=16 << 20)
    assert sum(path.stat().st_size for path in large.rglob("*.webm")) > 90 << 20
    assert peak_mib(large) - peak_mib(small) < 24
