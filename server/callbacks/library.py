"""Reads the shipped rulebooks, questionnaires and the calendar. Installed versions in the database come on top of these."""

from collections.abc import Mapping
from functools import cache, lru_cache
from pathlib import Path
from typing import Any

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


def shipped_rulebooks() -> tuple[str, ...]:
    """Ids of the shipped rulebooks."""
    return tuple(sorted(path.stem for path in (FOLDER / "rulebooks").glob("*.yaml")))


def shipped_data(kind: str, name: str) -> dict[str, Any]:
    """The raw data of a shipped rulebook or questionnaire. Raises `KeyError` for a name that is not shipped."""
    path = FOLDER / kind / f"{name}.yaml"
    if path.parent != FOLDER / kind or not path.is_file():
        raise KeyError(name)
    data: dict[str, Any] = yaml.safe_load(path.read_text(encoding="utf-8"))
    return data


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
    path = _own.get("path")
    try:
        stamp = path.stat().st_mtime_ns if path else 0
    except OSError:
        stamp = 0
    return _installed(path, stamp) if path and stamp else (shipped_calendar(), "")


@lru_cache(maxsize=4)
def _installed(path: Path, _stamp: int) -> tuple[Calendar, str]:
    try:
        own = yaml.safe_load(path.read_text(encoding="utf-8"))
        if not isinstance(own, dict) or set(own) != {"years"} or not isinstance(own["years"], dict):
            raise ValueError("must hold `years` and nothing else")
        return parse_calendar(with_years(_calendar_data(), own["years"])), ""
    except (yaml.YAMLError, OSError, ValueError, TypeError) as error:
        log.error("calendar_file_unusable", path=str(path), error=str(error))
        return shipped_calendar(), f"{path.name}: {error}"


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
