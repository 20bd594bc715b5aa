"""Reads the shipped rulebooks, questionnaires and the calendar. Installed versions in the database come on top of these."""

from functools import cache
from pathlib import Path
from typing import Any

import yaml

from server.domain.callback.calendar import Calendar, parse_calendar
from server.domain.callback.questionnaire import Questionnaire, parse_questionnaire
from server.domain.callback.rulebook import Rulebook, parse_rulebook
from server.domain.callback.sampling import Sampling, parse_sampling
from server.domain.callback.service_calls import Scripts, parse_scripts

FOLDER = Path(__file__).resolve().parent.parent / "domain" / "data" / "callback"


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
def shipped_questionnaire(name: str) -> Questionnaire:
    """A shipped questionnaire."""
    return parse_questionnaire(shipped_data("questionnaires", name))


@cache
def shipped_calendar() -> Calendar:
    """The shipped workday calendar."""
    return parse_calendar(yaml.safe_load((FOLDER / "calendar.yaml").read_text(encoding="utf-8")))


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
