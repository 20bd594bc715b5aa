"""Sets an answer of the callback beside what the customer said on the subject in the recording. Pure.

A contradiction makes a problem case, on every channel. What the customer said in his own voice counts: an override of the agent
lets a recording go on, and erases no recorded no. So content now contradicts a no then, overridden or not; and not content now
contradicts a yes then, or the override that had made one.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Literal

from server.domain.callback.questionnaire import AskedQuestion, BuiltQuestionnaire

Contradiction = Literal["yes_after_negative", "no_after_affirmative", "no_after_override"]
NEGATION_HEARD = "NEGATION_HEARD"
"""Why an answer that an engine took for a yes counted as unclear: the words denied it (不清楚)."""


@dataclass(frozen=True, slots=True)
class Said:
    """What was said (`answer`), read (`documents`) or `signed` at a node. `t_ms` is on the recording's timeline."""

    recording_id: str
    node_id: str
    node_title: str
    kind: Literal["answer", "documents", "signed"]
    verdict: Literal["affirmative", "negative", "unclear", "silent"] | None = None
    expect: str = "affirmative"
    override_verdict: str | None = None
    override_reason: str | None = None
    text: str = ""
    confidence: float | None = None
    t_ms: int | None = None
    reasons: tuple[str, ...] = ()

    @property
    def is_denied(self) -> bool:
        """Whether the customer said the opposite of what was asked for, in his own words."""
        if self.expect == "affirmative":
            return self.verdict == "negative" or NEGATION_HEARD in self.reasons
        return self.verdict == "affirmative"


def contradiction(question: AskedQuestion, answer: str, said: Said | None) -> Contradiction | None:
    """Whether an answer contradicts the recording, and how. None where nothing was said, or both agree."""
    if said is None or said.kind != "answer" or answer not in ("yes", "no"):
        return None
    if answer == question.expected:
        return "yes_after_negative" if said.is_denied else None
    if said.verdict == said.expect:
        return "no_after_affirmative"
    return "no_after_override" if said.override_verdict == said.expect else None


def contradictions(built: BuiltQuestionnaire, answers: Mapping[str, str], said: Mapping[str, Said]) -> list[dict[str, Any]]:
    """Every contradiction, as the history keeps it."""
    found: list[dict[str, Any]] = []
    for question in built.asked:
        then = said.get(question.subject)
        kind = contradiction(question, answers.get(question.id, ""), then)
        if kind is not None and then is not None:
            found.append(
                {
                    "question": question.id,
                    "kind": kind,
                    "recording_id": then.recording_id,
                    "node_id": then.node_id,
                    "t_ms": then.t_ms,
                }
            )
    return found


def covered(said: Mapping[str, Said]) -> dict[str, str]:
    """Subjects that a passed recording covers: answered as expected in the customer's own voice → where."""
    return {
        subject: f"{then.recording_id}/{then.node_id}"
        for subject, then in said.items()
        if then.kind == "answer" and then.override_verdict is None and then.verdict == then.expect
    }
