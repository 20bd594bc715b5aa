"""A demo case can be run again and again: no run writes where another one sealed its package."""

from pathlib import Path

from scripts.demo_case import how_to_look, new_folder
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
