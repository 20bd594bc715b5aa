"""An installation's own rules of inspection."""

from collections.abc import Iterator
from pathlib import Path

import pytest
import yaml
from pydantic import ValidationError

from server.recordings.rulebook import PATH, load_rulebook, read_rulebook
from server.settings import Settings


@pytest.fixture
def own(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Path]:
    """A file that the installation names; afterwards the shipped rules are in force again."""
    path = tmp_path / "rules.yaml"
    monkeypatch.setenv("DR_INSPECTION_RULEBOOK", str(path))
    load_rulebook.cache_clear()
    yield path
    load_rulebook.cache_clear()


def test_the_file_that_is_named_is_in_force(own: Path) -> None:
    rules = yaml.safe_load(PATH.read_text(encoding="utf-8"))
    rules["version"], rules["watch"]["shares"]["default"] = "own-1", 0.5
    own.write_text(yaml.safe_dump(rules, allow_unicode=True), encoding="utf-8")
    found = load_rulebook()
    assert (found.version, found.watch.default_share) == ("own-1", 0.5)
    assert found.watch.shares == read_rulebook(PATH).watch.shares


def test_half_a_file_is_refused(own: Path) -> None:
    own.write_text("version: 9\n", encoding="utf-8")
    with pytest.raises(KeyError):
        load_rulebook()


def test_a_file_that_is_not_there_is_named_at_the_start(own: Path, tmp_path: Path) -> None:
    with pytest.raises(ValidationError, match=f"DR_INSPECTION_RULEBOOK：没有文件 {own}"):
        Settings(data_dir=tmp_path / "data")
