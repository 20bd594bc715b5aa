"""Talk scripts as data: faults with their path, conditions, merge fields that fail loudly, the shipped script."""

import copy
from typing import Any

import pytest

from server.domain.talkscript import TalkScriptError, fields_of, freeze, holds, merge, parse
from server.domain.talkscript_prescribed import prescribed_faults
from tests.support.session_room import FACTS, FIELDS, script_data

PAPERS = frozenset({"insurance_prompt", "terms", "exclusion_note", "proposal_form", "product_manual"})


def faults(data: dict[str, Any]) -> set[tuple[str, str]]:
    with pytest.raises(TalkScriptError) as caught:
        parse(data)
    return {(fault.path, fault.code) for fault in caught.value.faults}


def changed() -> dict[str, Any]:
    return copy.deepcopy(script_data())


def ids(**facts: Any) -> list[str]:
    return [node.node_id for node in freeze(parse(script_data()), {**FACTS, **facts}, FIELDS, PAPERS)]


def test_shipped_script_has_the_prescribed_nodes() -> None:
    nodes = freeze(parse(script_data()), FACTS, FIELDS, PAPERS)
    assert 12 <= len(nodes) <= 16
    assert [n.number for n in nodes] == list(range(1, len(nodes) + 1))
    first, second = nodes[0], nodes[1]
    assert (first.is_locked, first.is_consent, second.is_locked) == (True, True, True)
    assert "人工智能合成语音" in first.prompt_text
    assert "书面确认" in second.prompt_text
    spoken = "".join(n.prompt_text + n.agent_text for n in nodes)
    for needed in ("执业证编号", "保险产品，不是银行存款", "犹豫期", "现金价值", "责任免除", "如实告知", "真实意愿"):
        assert needed in spoken
    assert nodes[-1].kind == "closing"
    assert {n.kind for n in nodes} == {"notice", "agent_statement", "show_id", "question", "reading", "signing", "closing"}


@pytest.mark.parametrize(
    ("facts", "node"),
    [
        ({"product_type": "participating"}, "participating_uncertainty"),
        ({"product_type": "universal"}, "universal_uncertainty"),
        ({"product_type": "unit_linked"}, "unit_linked_risk"),
        ({"product_type": "health", "has_waiting_period": True}, "waiting_period"),
        ({"channel": "bank"}, "bank_channel"),
        ({"policyholder_age": 66, "policyholder_is_elderly": True}, "elderly_care"),
        ({"insured_is_policyholder": False}, "insured_consent"),
    ],
)
def test_conditions_pick_nodes(facts: dict[str, Any], node: str) -> None:
    assert node in ids(**facts)


def test_conditions_leave_nodes_out() -> None:
    plain = ids(product_type="term", insured_is_policyholder=True)
    for node in ("participating_uncertainty", "universal_uncertainty", "waiting_period", "bank_channel", "elderly_care"):
        assert node not in plain
    assert "insured_consent" not in plain


def test_paragraphs_have_conditions_too() -> None:
    by_id = {n.node_id: n for n in freeze(parse(script_data()), {**FACTS, "is_single_pay": True}, FIELDS, PAPERS)}
    assert "一次性缴费" in by_id["payment_and_term"].prompt_text
    assert "缴费期间" not in by_id["payment_and_term"].prompt_text


def test_merge_fields_fail_loudly_all_at_once() -> None:
    fields = {**FIELDS, "premium_text": "", "insurer_name": "  "}
    del fields["policy_term_text"]
    with pytest.raises(TalkScriptError) as caught:
        freeze(parse(script_data()), FACTS, fields, PAPERS)
    missing = {(f.code, f.detail) for f in caught.value.faults}
    assert {
        ("FIELD_MISSING", "premium_text"),
        ("FIELD_MISSING", "insurer_name"),
        ("FIELD_MISSING", "policy_term_text"),
    } == missing


def test_merge_replaces_only_named_fields() -> None:
    assert merge("{{ a }}和{{b}}，{c}", {"a": "甲", "b": "{{a}}"}) == "甲和{{a}}，{c}"
    assert fields_of("{{a}}{{ b }}{c}") == ["a", "b"]


def test_missing_document_kind_is_a_fault_an_optional_one_is_not() -> None:
    with pytest.raises(TalkScriptError) as caught:
        freeze(parse(script_data()), FACTS, FIELDS, PAPERS - {"terms", "product_manual"})
    assert [(f.path, f.code, f.detail) for f in caught.value.faults] == [
        ("read_documents.documents", "DOCUMENT_MISSING", "terms")
    ]


def test_unknown_fact_is_a_fault_not_false() -> None:
    with pytest.raises(TalkScriptError):
        holds({"moon_phase": "full"}, FACTS)


def test_condition_operators() -> None:
    facts = {"age": 66, "channel": "bank", "none": None}
    assert holds({"age": {"min": 60}}, facts)
    assert not holds({"age": {"min": 60, "max": 65}}, facts)
    assert not holds({"none": {"min": 1}}, facts)
    assert holds({"any": [{"channel": "individual"}, {"age": [66]}]}, facts)
    assert holds({"not": {"channel": ["individual"]}}, facts)


def test_locked_nodes_cannot_be_removed_or_made_conditional() -> None:
    data = changed()
    data["nodes"] = data["nodes"][1:]
    assert ("nodes", "CONSENT_NODE_MISSING") in faults(data)
    data = changed()
    data["nodes"][0]["when"] = {"channel": "bank"}
    assert ("nodes.0.when", "LOCKED_HAS_CONDITION") in faults(data)


@pytest.mark.parametrize(
    ("change", "fault"),
    [
        (lambda d: d["nodes"].pop(1), ("nodes", "PRESCRIBED_TEXT_MISSING")),
        (lambda d: d["nodes"][1].update(prompt="您好，天气很好。请问您是否清楚？"), ("nodes", "PRESCRIBED_TEXT_MISSING")),
        (lambda d: d["nodes"][1].update(locked=False), ("nodes", "PRESCRIBED_TEXT_MISSING")),
        (lambda d: d["nodes"][1]["prompt"][0].update(when={"channel": "bank"}), ("nodes", "PRESCRIBED_TEXT_MISSING")),
        (lambda d: d["nodes"][0].update(prompt="您好。请问您是否同意？"), ("nodes.0.prompt", "PRESCRIBED_TEXT_MISSING")),
        (lambda d: d["nodes"].insert(6, d["nodes"].pop(0)), ("nodes.0", "CONSENT_NOT_FIRST")),
        (lambda d: d["nodes"][0]["answer"].update(expect="negative"), ("nodes.0.answer", "CONSENT_TURNED_ROUND")),
        (
            lambda d: d["lexicons"]["consent"].update(affirmative=["不同意"], negative=["同意"]),
            ("nodes.0.answer", "CONSENT_TURNED_ROUND"),
        ),
    ],
)
def test_what_is_prescribed_stays_whatever_is_edited(change: Any, fault: tuple[str, str]) -> None:
    data = changed()
    assert prescribed_faults(parse(data)) == []
    change(data)
    assert fault in [(found.path, found.code) for found in prescribed_faults(parse(data))]


@pytest.mark.parametrize(
    ("change", "fault"),
    [
        (lambda d: d["nodes"][4].pop("answer"), ("nodes.4.answer", "REQUIRED_FOR_KIND")),
        (lambda d: d["nodes"][4].update(kind="dance"), ("nodes.4.kind", "KIND_UNKNOWN")),
        (lambda d: d["nodes"][4].update(when=[1]), ("nodes.4.when", "CONDITION_EXPECTED")),
        (
            lambda d: d["nodes"][4].update(when={"policyholder_age": {"min": "abc"}}),
            ("nodes.4.when.policyholder_age", "CONDITION_EXPECTED"),
        ),
        (lambda d: d["nodes"][4].update(when={"any": {"channel": "bank"}}), ("nodes.4.when.any", "CONDITION_EXPECTED")),
        (lambda d: d["nodes"][4].update(when={"not": None}), ("nodes.4.when.not", "CONDITION_EXPECTED")),
        (lambda d: d["nodes"][4].update(min_seconds=True), ("nodes.4.min_seconds", "SECONDS_EXPECTED")),
        (lambda d: d["nodes"][4]["answer"].update(timeout_seconds="abc"), ("nodes.4.answer.timeout_seconds", "SECONDS_EXPECTED")),
        (lambda d: d["nodes"][4]["answer"].update(lexicon=["consent"]), ("nodes.4.answer.lexicon", "LEXICON_UNKNOWN")),
        (lambda d: d.update(lexicons=[1]), ("lexicons", "OBJECT_EXPECTED")),
        (lambda d: d["nodes"][4].update(id="Bad Id"), ("nodes.4.id", "ID_INVALID")),
        (lambda d: d["nodes"][4].update(id="closing"), ("nodes.18.id", "ID_TWICE")),
        (lambda d: d["nodes"][4].update(colour="red"), ("nodes.4.colour", "UNKNOWN_KEY")),
        (lambda d: d["nodes"][4].update(audience=["neighbour"]), ("nodes.4.audience", "ROLES_EXPECTED")),
        (lambda d: d["nodes"][4]["answer"].update(lexicon="none"), ("nodes.4.answer.lexicon", "LEXICON_UNKNOWN")),
        (lambda d: d["nodes"][4].update(prompt=" "), ("nodes.4.prompt.0", "TEXT_EXPECTED")),
        (lambda d: d["nodes"].pop(), ("nodes", "CLOSING_NOT_LAST")),
        (lambda d: d["lexicons"]["clear"]["negative"].append("清楚"), ("lexicons.clear", "PHRASE_IN_BOTH")),
        (lambda d: d.update(nodes=[]), ("nodes", "LIST_EXPECTED")),
        (lambda d: d.update(title=""), ("title", "TEXT_EXPECTED")),
    ],
)
def test_faults_name_their_place(change: Any, fault: tuple[str, str]) -> None:
    data = changed()
    change(data)
    assert fault in faults(data)
