"""Reads the shipped rulebooks, questionnaires and the calendar. Installed versions in the database come on top of these.

Shipped files are read once per process (`read_shipped`, when it is put together), never again while it runs.
"""

from collections.abc import Mapping
from copy import deepcopy
from dataclasses import dataclass, field
from functools import cache, lru_cache
from pathlib import Path
from typing import Any, Literal

import structlog
import yaml

from server.domain.callback.calendar import Calendar, parse_calendar, with_years
from server.domain.callback.questionnaire import Questionnaire, parse_questionnaire
from server.domain.callback.rulebook import Rulebook, completed, parse_rulebook, read_rulebook
from server.domain.callback.sampling import Sampling, parse_sampling
from server.domain.callback.service_calls import Scripts, parse_scripts

log = structlog.get_logger(__name__)

FOLDER = Path(__file__).resolve().parent.parent / "domain" / "data" / "callback"
_own: dict[str, Path] = {}


@dataclass
class _Published:
    """Years that administrators published, newest version each: what `server.callbacks.calendars` last read from the database."""

    years: dict[int, Mapping[str, Any]] = field(default_factory=dict)
    generation: int = 0


_published = _Published()


def shipped_rulebooks() -> tuple[str, ...]:
    """Ids of the shipped rulebooks."""
    return tuple(_shipped("rulebooks"))


def shipped_questionnaires() -> tuple[str, ...]:
    """Ids of the shipped questionnaires."""
    return tuple(_shipped("questionnaires"))


def shipped_data(kind: str, name: str) -> dict[str, Any]:
    """The raw data of a shipped rulebook or questionnaire, the caller's own. Raises `KeyError` for a name that is not shipped."""
    return deepcopy(_shipped(kind)[name])


def read_shipped() -> None:
    """Read everything that is shipped, once."""
    for kind in ("rulebooks", "questionnaires"):
        _shipped(kind)
    for part in (_former, _calendar_data, recording_subjects, service_scripts, sampling_rules):
        part()


@cache
def _shipped(kind: str) -> dict[str, dict[str, Any]]:
    return {path.stem: yaml.safe_load(path.read_text(encoding="utf-8")) for path in sorted((FOLDER / kind).glob("*.yaml"))}


@cache
def shipped_rulebook(name: str) -> Rulebook:
    """A shipped rulebook."""
    return parse_rulebook(shipped_data("rulebooks", name))


@cache
def _former() -> dict[str, Any]:
    data: dict[str, Any] = yaml.safe_load((FOLDER / "rulebook-former.yaml").read_text(encoding="utf-8"))
    return data


def completed_data(data: Mapping[str, Any]) -> dict[str, Any]:
    """Kept rulebook data of an earlier version, in the form of today."""
    return completed(data, _former())


def stored_rulebook(data: Mapping[str, Any]) -> Rulebook:
    """A rulebook from kept data of any version. Raises `RulebookError`."""
    return read_rulebook(data, _former())


@cache
def shipped_questionnaire(name: str) -> Questionnaire:
    """A shipped questionnaire."""
    return parse_questionnaire(shipped_data("questionnaires", name))


@cache
def shipped_calendar() -> Calendar:
    """The shipped workday calendar."""
    return parse_calendar(_calendar_data())


@cache
def _calendar_data() -> dict[str, Any]:
    data: dict[str, Any] = yaml.safe_load((FOLDER / "calendar.yaml").read_text(encoding="utf-8"))
    return data


def use_calendar_file(path: Path) -> None:
    """Where this installation keeps published years of its own: `{years: {2027: {holidays: [[from, to]], workdays: []}}}`."""
    _own["path"] = path


def installed_calendar() -> tuple[Calendar, str]:
    """The calendar in force, and what is wrong with the installation's own file (empty: nothing; else it is left out).

    The file is read again whenever it changes.
    """
    return _installed(*_file_stamp(), _published.generation)


def use_published_years(years: Mapping[int, Mapping[str, Any]]) -> None:
    """Take published years over in this process; they go before the installation's file and the shipped data."""
    if years != _published.years:
        _published.years, _published.generation = dict(years), _published.generation + 1


def calendar_with(year: int, entry: Mapping[str, Any]) -> Calendar:
    """The calendar as it would be with a year published. Raises `ValueError` for a year that cannot be used."""
    return parse_calendar(with_years(with_years(_read_file(*_file_stamp())[0], _published.years), {year: entry}))


def year_entry(year: int) -> tuple[Literal["file", "shipped", "estimated", "law"], dict[str, Any]]:
    """Where a year's days come from when nobody published it (file, shipped, estimated; law where nothing is known), and them."""
    shipped, (data, _) = _calendar_data(), _read_file(*_file_stamp())
    if year in data["years"]:
        return "shipped" if data["years"][year] == shipped["years"].get(year) else "file", data["years"][year]
    estimated: dict[int, dict[str, Any]] = data.get("estimated", {})
    return ("estimated", estimated[year]) if year in estimated else ("law", {})


def _file_stamp() -> tuple[Path | None, int]:
    path = _own.get("path")
    try:
        return path, path.stat().st_mtime_ns if path else 0
    except OSError:
        return path, 0


@lru_cache(maxsize=4)
def _read_file(path: Path | None, stamp: int) -> tuple[dict[str, Any], str]:
    """The shipped data with the installation's own file, and what is wrong with that."""
    if path is None or not stamp:
        return _calendar_data(), ""
    try:
        own = yaml.safe_load(path.read_text(encoding="utf-8"))
        if not isinstance(own, dict) or set(own) != {"years"} or not isinstance(own["years"], dict):
            raise ValueError("must hold `years` and nothing else")
        return with_years(_calendar_data(), own["years"]), ""
    except (yaml.YAMLError, OSError, ValueError, TypeError) as error:
        log.error("calendar_file_unusable", path=str(path), error=str(error))
        return _calendar_data(), f"{path.name}: {error}"


@lru_cache(maxsize=4)
def _installed(path: Path | None, stamp: int, _generation: int) -> tuple[Calendar, str]:
    data, fault = _read_file(path, stamp)
    return parse_calendar(with_years(data, _published.years)), fault


@cache
def recording_subjects() -> dict[str, tuple[str, ...]]:
    """Subject of a question → nodes of the talk script that dealt with it, the best first."""
    data = yaml.safe_load((FOLDER / "recording-subjects.yaml").read_text(encoding="utf-8"))
    return {str(subject): tuple(nodes) for subject, nodes in data.items()}


@cache
def service_scripts() -> Scripts:
    """What is asked on service calls."""
    return parse_scripts(yaml.safe_load((FOLDER / "service-scripts.yaml").read_text(encoding="utf-8")))


@cache
def sampling_rules() -> Sampling:
    """Which finished callbacks are checked by a person, and what is checked."""
    return parse_sampling(yaml.safe_load((FOLDER / "sampling.yaml").read_text(encoding="utf-8")))
