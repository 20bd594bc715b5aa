"""No number of a rulebook goes without limits, and none of its fields without a reader."""

import ast
from copy import deepcopy
from pathlib import Path
from typing import Any

import pytest

import server
from server.callbacks.library import shipped_data, shipped_rulebooks, stored_rulebook
from server.domain.callback.facts import CertificateType
from server.domain.callback.questionnaire import QuestionnaireError, parse_questionnaire
from server.domain.callback.rulebook import LIMITS, RETIRED, RulebookError, parse_rulebook
from server.domain.callback.rulebook_fields import rulebook_fields

ROOT = Path(server.__file__).parent
DESCRIBED = {"domain/callback/rulebook.py", "domain/callback/rulebook_fields.py"}


def with_value(path: str, value: Any) -> dict[str, Any]:
    data = deepcopy(shipped_data("rulebooks", "default"))
    *sections, name = path.split(".")
    place = data
    for section in sections:
        place = place.setdefault(section, {})
    place[name] = value
    return data


def test_every_number_has_limits() -> None:
    numbers = {f.path for f in rulebook_fields() if f.kind in ("number", "numbers")}
    assert numbers | {"phone.priorities"} == set(LIMITS)
    for name in shipped_rulebooks():
        parse_rulebook(shipped_data("rulebooks", name))


@pytest.mark.parametrize("path", sorted(LIMITS))
def test_a_number_beyond_its_limits_is_refused_at_its_field(path: str) -> None:
    low, high = LIMITS[path]
    for value in (low - 1, high + 1):
        wrong: Any = {"phone.retry_after_hours": [value], "phone.priorities": {"visit": value, "other": 50}}.get(path, value)
        with pytest.raises(RulebookError) as refused:
            parse_rulebook(with_value(path, wrong))
        assert refused.value.path.startswith(path)
        assert refused.value.message == f"must be {low} to {high}"


@pytest.mark.parametrize(
    ("path", "value", "where"),
    [
        ("eligibility.certificates", ["id_card", "id_crad"], "eligibility.certificates.id_crad"),
        ("identity.by_certificate", {"hk_macao_permit": "face", "other": "face"}, "identity.by_certificate.hk_macao_permit"),
        ("phone.priorities", {"vist": 1, "other": 50}, "phone.priorities.vist"),
        ("sms.link_valid_days", 3, "sms.link_valid_days"),
        ("sms.sender", " ", "sms.sender"),
        ("identity.idle_minutes", 1, "identity.idle_minutes"),
        ("channel_order", ["phone", "visit"], "sms.mode"),
    ],
)
def test_what_could_have_no_effect_is_refused_at_its_field(path: str, value: Any, where: str) -> None:
    with pytest.raises(RulebookError) as refused:
        parse_rulebook(with_value(path, value))
    assert refused.value.path == where


def test_the_former_spelling_of_a_certificate_is_still_read() -> None:
    kept = with_value("identity.by_certificate", {"hk_macao_permit": "face", "other": "sms_code"})
    book = stored_rulebook(kept)
    assert book.identity.method_for(CertificateType("hk_macao_permit").value) == "face"
    assert CertificateType("hk_macao_permit") is CertificateType.HK_MACAU_PERMIT


def test_texts_that_are_needed_are_not_empty() -> None:
    with pytest.raises(RulebookError) as refused:
        parse_rulebook(with_value("insurer", " "))
    assert (refused.value.path, refused.value.message) == ("insurer", "must not be empty")
    form = deepcopy(shipped_data("questionnaires", "default"))
    for name, value, message in (
        ("text", "", "must not be empty"),
        ("text", None, "must be text"),
        ("id", " ", "must not be empty"),
        ("id", "Q" * 21, "must be 1 to 20 letters, digits, hyphens or underscores"),
        ("id", "第一题", "must be 1 to 20 letters, digits, hyphens or underscores"),
        ("text", "尊敬的{policyholder name}", "a brace that belongs to no merge field"),
        ("text", "保单{ policy_no }", "a brace that belongs to no merge field"),
    ):
        wrong = {**form, "questions": [{**form["questions"][0], name: value}]}
        with pytest.raises(QuestionnaireError) as fault:
            parse_questionnaire(wrong)
        assert (fault.value.path, fault.value.message) == (f"questions[0].{name}", message)


def test_every_field_is_read_somewhere() -> None:
    read: set[str] = set()
    for path in ROOT.rglob("*.py"):
        if path.relative_to(ROOT).as_posix() not in DESCRIBED:
            tree = ast.parse(path.read_text("utf-8"))
            read |= {node.attr for node in ast.walk(tree) if isinstance(node, ast.Attribute)}
    model = ast.parse((ROOT / "domain/callback/rulebook.py").read_text("utf-8"))
    for owner in ast.walk(model):
        if isinstance(owner, ast.FunctionDef) and owner.name in (
            "method_for",
            "max_attempts",
            "shown",
            "shown_inbound",
            "priority_of",
        ):
            assert owner.name in read
            read |= {node.attr for node in ast.walk(owner) if isinstance(node, ast.Attribute)}
    assert {f.path for f in rulebook_fields() if f.path.rsplit(".", 1)[-1] not in read} == set()


def test_kept_data_of_earlier_versions_is_still_read() -> None:
    for path in RETIRED:
        with pytest.raises(RulebookError):
            parse_rulebook(with_value(path, 1))
        stored_rulebook(with_value(path, 1))
    assert stored_rulebook(with_value("identity.idle_minutes", -5)).identity.idle_minutes == -5
