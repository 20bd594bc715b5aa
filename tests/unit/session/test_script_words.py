"""Words of a talk script that no case can fill are found when it is saved; the list is what sessions really provide."""

import copy
import inspect
import re
from pathlib import Path
from typing import Any

import pytest
import yaml

from server.domain import talkscript_words as words
from server.domain.talkscript import parse
from server.sessions import setup

STANDARD = Path(words.__file__).parent / "data" / "talkscripts" / "standard-life.yaml"


@pytest.fixture
def content() -> dict[str, Any]:
    data: dict[str, Any] = yaml.safe_load(STANDARD.read_text(encoding="utf-8"))
    return data


def test_the_lists_are_what_a_session_provides() -> None:
    keys = re.compile(r'^ +"([a-z_]+)":', re.M)
    assert set(keys.findall(inspect.getsource(setup.merge_fields))) == words.FIELDS
    assert set(keys.findall(inspect.getsource(setup.case_conditions))) == words.FACTS


def test_the_shipped_script_uses_known_words_alone(content: dict[str, Any]) -> None:
    assert words.unknown_words(parse(content)) == []


@pytest.mark.parametrize(
    ("text", "code"),
    [("请{{no_such}}回答", "FIELD_UNKNOWN"), ("请{{产品}}回答", "FIELD_MALFORMED"), ("请{product_name}", "FIELD_MALFORMED")],
)
def test_a_text_with_a_wrong_field_is_named(content: dict[str, Any], text: str, code: str) -> None:
    broken = copy.deepcopy(content)
    broken["nodes"][-1]["prompt"] = [{"text": text, "when": {"any": [{"not": {"no_fact": True}}]}}]
    found = [(fault.path, fault.code) for fault in words.unknown_words(parse(broken))]
    place = f"nodes.{len(content['nodes']) - 1}.prompt.0"
    assert found == [(place, code), (place, "FACT_UNKNOWN")]
