"""Answers set beside the recording: what contradicts it, what it covers."""

from dataclasses import replace

import pytest

from server.callbacks.library import recording_subjects, shipped_data, shipped_questionnaire
from server.domain.callback.comparison import Said, contradiction, contradictions, covered
from server.domain.callback.questionnaire import AskedQuestion, BuiltQuestionnaire

YES = AskedQuestion("Q7a", "这点您清楚吗？", "yes", "cooling_off", ())
PROMISE = AskedQuestion("Q12", "有没有承诺？", "no", "promise", ())
SAID = Said("rec_1", "cooling_off", "犹豫期", "answer", verdict="affirmative", text="清楚", t_ms=61_000)


@pytest.mark.parametrize(
    ("question", "answer", "said", "expected"),
    [
        (YES, "yes", None, None),
        (YES, "yes", SAID, None),
        (YES, "no", SAID, "no_after_affirmative"),
        (YES, "", SAID, None),  # not asked is not answered
        (YES, "yes", replace(SAID, verdict="negative"), "yes_after_negative"),
        (YES, "yes", replace(SAID, verdict="unclear"), None),
        (
            YES,
            "yes",
            replace(SAID, verdict="unclear", reasons=("NEGATION_HEARD",), override_verdict="affirmative"),
            "yes_after_negative",
        ),
        (YES, "no", replace(SAID, verdict="negative"), None),
        (YES, "yes", replace(SAID, verdict="negative", override_verdict="affirmative"), "yes_after_negative"),
        (YES, "yes", replace(SAID, verdict="silent", override_verdict="affirmative"), None),
        (YES, "no", replace(SAID, verdict="unclear", override_verdict="affirmative"), "no_after_override"),
        (YES, "yes", replace(SAID, kind="signed", verdict=None), None),
        (PROMISE, "no", replace(SAID, expect="negative", verdict="affirmative"), "yes_after_negative"),
        (PROMISE, "no", replace(SAID, expect="negative", verdict="negative"), None),
    ],
)
def test_what_contradicts(question: AskedQuestion, answer: str, said: Said | None, expected: str | None) -> None:
    assert contradiction(question, answer, said) == expected


def test_every_contradiction_names_its_place() -> None:
    built = BuiltQuestionnaire((YES, PROMISE), (), "")
    said = {"cooling_off": replace(SAID, verdict="negative")}
    assert contradictions(built, {"Q7a": "yes", "Q12": "no"}, said) == [
        {"question": "Q7a", "kind": "yes_after_negative", "recording_id": "rec_1", "node_id": "cooling_off", "t_ms": 61_000}
    ]


def test_only_an_answer_in_the_customers_own_voice_covers_a_subject() -> None:
    said = {
        "cooling_off": SAID,
        "payment": replace(SAID, verdict="unclear", override_verdict="affirmative"),
        "terms": replace(SAID, kind="documents", verdict=None),
        "waiting_period": replace(SAID, verdict="negative"),
    }
    assert covered(said) == {"cooling_off": "rec_1/cooling_off"}


def test_subjects_are_known_to_the_shipped_questionnaires() -> None:
    known = {q.subject for name in ("S0", "S1", "S2", "S3", "default") for q in shipped_questionnaire(name).questions}
    assert set(recording_subjects()) <= known
    assert shipped_data("questionnaires", "S1")["id"] == "S1"
