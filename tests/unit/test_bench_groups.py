"""The dispatcher of the benches: every key is there, nothing is invented, a group runs its parts."""

import json
import re
import subprocess
import sys
import time
from collections.abc import Callable
from importlib.util import find_spec
from pathlib import Path

import pytest

from scripts.bench import evidence, media
from scripts.bench.groups import Part, choose, main, merge, run_part
from server.settings import ROOT


def test_what_nobody_measured_is_null_and_never_replaces_a_figure() -> None:
    merged = merge(("a", "b", "c"), [{"a": 1, "b": float("nan")}, {"a": None, "more": 0}, {"c": 2}, {"c": 3}])
    assert merged == {"a": 1, "b": None, "c": 3, "more": 0}
    assert json.loads(json.dumps(merged)) == merged


def test_a_group_runs_its_parts_and_a_part_goes_by_its_own_name() -> None:
    def names(only: str | None, *skip: str) -> list[str]:
        return [part.name for part in choose(media.GROUPS, only, skip)]

    assert names("recovery") == ["start", "recovery"]
    assert names("forward") == ["forward"]
    assert set(names(None)) == {part.name for parts in media.GROUPS.values() for part in parts}
    assert set(names(None)) - set(names(None, "soak")) == {"soak"}


def test_all_but_the_soak_fits_into_25_minutes() -> None:
    assert sum(part.minutes for part in choose(media.GROUPS, None, ["soak"])) <= 25


def test_all_of_evidence_fits_into_45_minutes() -> None:
    assert sum(part.minutes for part in choose(evidence.GROUPS, None)) <= 45


@pytest.mark.parametrize("groups", [media.GROUPS, evidence.GROUPS])
def test_every_part_is_a_module(groups: dict[str, list[Part]]) -> None:
    for part in choose(groups, None):
        assert find_spec(part.command[0]) is not None, part.command


def test_the_makefile_names_the_groups() -> None:
    text = (ROOT / "Makefile").read_text()
    for target, groups in (("bench-media", media.GROUPS), ("bench-evidence", evidence.GROUPS)):
        found = re.search(rf"^{target}:.*\(ONLY=([\w|]+)", text, re.MULTILINE)
        assert found is not None
        assert set(found[1].split("|")) == set(groups)


def test_results_of_processes_come_together(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    (tmp_path / "part_good.py").write_text("print('method'); print('RESULT {\"a\": 1}')")
    (tmp_path / "part_bad.py").write_text("print('RESULT {\"b\": 1}'); raise SystemExit(3)")
    monkeypatch.setenv("PYTHONPATH", str(tmp_path))
    good, bad = Part("good", ["part_good"], 0.1), Part("bad", ["part_bad"], 0.1)
    assert run_part(good) == {"a": 1}
    assert run_part(bad) is None
    monkeypatch.setattr(sys, "argv", ["bench"])
    assert main("test", {"good": [good], "bad": [bad]}, ("a", "b")) == 1
    *lines, last = capsys.readouterr().out.splitlines()
    assert "method" in lines
    assert json.loads(last.removeprefix("RESULT ")) == {"a": 1, "b": None}


def test_a_part_that_hangs_is_ended_with_all_it_started(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "part_hung.py").write_text(
        "import subprocess, sys, time\n"
        "child = subprocess.Popen([sys.executable, '-c', 'import time; time.sleep(600)'])\n"
        "open(sys.argv[1], 'w').write(str(child.pid))\n"
        "time.sleep(600)\n"
    )
    monkeypatch.setenv("PYTHONPATH", str(tmp_path))
    pid = tmp_path / "pid"

    def until(is_so: Callable[[], bool]) -> None:
        end = time.monotonic() + 60
        while not is_so():
            assert time.monotonic() < end
            time.sleep(0.02)

    def limit_s(_part: Part) -> float:
        until(lambda: pid.exists() and bool(pid.read_text()))  # however long it takes to begin
        return 0.1

    def is_gone() -> bool:
        command = ["ps", "-o", "stat=", "-p", pid.read_text()]
        state = subprocess.run(command, capture_output=True, text=True, check=False).stdout.strip()
        return state == "" or state.startswith("Z")

    monkeypatch.setattr("scripts.bench.groups.limit_s", limit_s)
    assert run_part(Part("hung", ["part_hung", str(pid)], 0)) is None
    until(is_gone)
