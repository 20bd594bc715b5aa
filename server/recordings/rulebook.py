"""Reads the inspection rulebook: the shipped one, or the installation's own."""

import os
from functools import cache
from pathlib import Path

import yaml

from server.domain.inspection import Rulebook, parse_rulebook

PATH = Path(__file__).resolve().parent.parent / "domain" / "data" / "inspection-rulebook.yaml"


@cache
def load_rulebook() -> Rulebook:
    """The rulebook in force: the file that `DR_INSPECTION_RULEBOOK` names, else the shipped one. Read when a process starts.

    Raises:
        OSError, ValueError, KeyError, yaml.YAMLError: the file is not there, or is no whole rulebook.
    """
    own = os.environ.get("DR_INSPECTION_RULEBOOK")
    return read_rulebook(Path(own) if own else PATH)


def read_rulebook(path: Path) -> Rulebook:
    """A rulebook from its file. Raises as `load_rulebook`."""
    return parse_rulebook(yaml.safe_load(path.read_text(encoding="utf-8")))
