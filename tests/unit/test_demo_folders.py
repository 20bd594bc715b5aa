"""A demo case can be run again and again: no run writes where another one sealed its package."""

import json
import os
import subprocess
import sys
from pathlib import Path

from scripts.demo.whole_case import Outcome
from scripts.demo_case import failed, how_to_look, new_folder
from scripts.verify_evidence import data_folders
from server.settings import ROOT


def test_every_run_has_a_folder_of_its_own(tmp_path: Path) -> None:
    folders = {new_folder(tmp_path / "demo-case") for _ in range(5)}
    assert len(folders) == 5
    assert all(folder.is_dir() and not any(folder.iterdir()) for folder in folders)


def test_it_says_how_to_open_and_to_verify_the_case() -> None:
    folder = ROOT / "data" / "demo-case" / "20260101-080000"
    text = "\n".join(how_to_look(folder, "case_1", own_store=False))
    assert "DR_DATA_DIR=data/demo-case/20260101-080000/data make run" in text
    assert "/desk/cases/case_1" in text
    assert "make verify CASE=case_1" in text
    assert "临时对象存储" in "\n".join(how_to_look(folder, "case_1", own_store=True))
    assert data_folders()[0] == ROOT / "data"


def test_a_run_that_fails_ends_with_one_line_of_json(tmp_path: Path) -> None:
    """A service that cannot start: a setting that is none."""
    done = subprocess.run(
        [sys.executable, "-m", "scripts.demo_case", "--out", str(tmp_path)],
        cwd=ROOT, env={**os.environ, "DR_MEDIA_WORKERS": "many"}, capture_output=True, text=True, timeout=120, check=False,
    )  # fmt: skip
    assert done.returncode == 1
    last = json.loads(done.stdout.splitlines()[-1])
    assert (last["case"], last["failed_at"], last["verified"], last["package"]) == (None, "service._ready", False, None)
    assert "exit code" in last["reason"]
    assert "Traceback" not in done.stdout + done.stderr
    assert "Traceback" in Path(last["log"]).read_text(encoding="utf-8")


def test_a_failure_names_the_case_and_the_first_fault(tmp_path: Path) -> None:
    try:
        raise ExceptionGroup("tasks", [TimeoutError("a\n  b" + "x" * 1000), ValueError("second")])
    except ExceptionGroup as error:
        line = failed(tmp_path, Outcome(case_id="case_1"), error)
    assert (line["case"], line["fault"], line["reason"][:5], len(line["reason"])) == ("case_1", "TimeoutError", "a bxx", 401)
    assert "second" in Path(line["log"]).read_text(encoding="utf-8")
