"""From the session's events: where the measuring process has to look closely (answers, cards, shares), what had to be said."""

import base64
from dataclasses import asdict
from typing import Any

from server.cases import documents
from server.context import Context
from server.http.problem import Problem
from server.recordings import spoken
from server.recordings.facts import SessionFacts, answers_of
from server.recordings.finalise.work import Work
from server.recordings.lanes import node_spans
from server.sessions.references import face_references

MOST_CARD_MS = 90_000
"""Only the first part of a long node is looked at for cards."""
LARGEST_PDF = 8 << 20
AGENT = "agent"
"""Stands for the agent where other entries name a person."""
_DIGITS = dict(zip("0123456789", "零一二三四五六七八九", strict=True))


async def wanted(context: Context, work: Work, facts: SessionFacts) -> dict[str, Any]:
    """Everything the measuring process is told (it goes through a pipe: faces and papers are never written down in clear)."""
    settings = context.settings
    models = [str(folder) for folder in (settings.model_dir, settings.model_mirror) if folder is not None]
    references = await face_references(context, facts.state) if facts.state is not None else {}
    return {
        "models": models,
        "references": references,
        "answers": [
            {**{name: a[name] for name in ("node_id", "person_id", "seat_id")}, "t0_ms": a["start_ms"], "t1_ms": a["end_ms"]}
            for a in answers_of(facts, work.meta)
            if a["start_ms"] is not None and a["end_ms"] is not None and a["verdict"] not in ("silent", "not_measured")
        ],
        "cards": card_nodes(work, facts),
        "shares": shown(facts),
        "documents": await _papers(context, facts),
    }  # fmt: skip


def card_nodes(work: Work, facts: SessionFacts) -> list[dict[str, Any]]:
    """{node_id, person_id, seat_id, t0_ms, t1_ms} for everybody who must show a card, at the longest stay in the node."""
    if facts.state is None:
        return []
    setup = facts.state.setup
    stays: dict[str, dict[str, Any]] = {}
    for stay in node_spans(facts, work.meta):
        known = stays.get(stay["node_id"])
        if known is None or stay["t1_ms"] - stay["t0_ms"] > known["t1_ms"] - known["t0_ms"]:
            stays[stay["node_id"]] = stay
    found = []
    for node in setup.nodes:
        if node.shows is None or node.node_id not in stays:
            continue
        stay = stays[node.node_id]
        t1_ms = min(stay["t1_ms"], stay["t0_ms"] + MOST_CARD_MS)
        people = [(AGENT, setup.agent.seat_id)] if node.shows == AGENT else [
            (person.person_id, person.seat_id) for person in setup.standing_for(node.audience)
        ]  # fmt: skip
        for person_id, seat_id in people:
            found.append(
                {"node_id": node.node_id, "person_id": person_id, "seat_id": seat_id, "t0_ms": stay["t0_ms"], "t1_ms": t1_ms}
            )
    return found


def shown(facts: SessionFacts) -> dict[str, dict[str, Any]]:
    """By seat: what the reader showed when, and when shares ended."""
    found: dict[str, dict[str, Any]] = {}
    for event in facts.of_type("document_viewed", "share_ended"):
        seat = found.setdefault(event.data["seat_id"], {"views": [], "ends": []})
        if event.type == "share_ended":
            seat["ends"].append(facts.t_ms(event))
        else:
            names = ("document_id", "page", "visible", "zoom")
            seat["views"].append({"t_ms": facts.t_ms(event), **{name: event.data[name] for name in names}})
    return found


def windows(facts: SessionFacts) -> list[dict[str, Any]]:
    """Answer windows from opening to the answer."""
    if facts.state is None:
        return []
    opened: dict[str, dict[str, Any]] = {}
    for event in facts.of_type("answer_window_opened", "answer_given"):
        data = event.data
        if event.type == "answer_window_opened":
            opened[data["window_id"]] = {
                "node_id": data["node_id"],
                "person_id": data["person_id"],
                "seat_id": data["seat_id"],
                "t0_ms": facts.t_ms(event),
                "t1_ms": facts.t_ms(event) + int(data["timeout_ms"]),
                "is_with_agent": _is_with_agent(facts, data["person_id"]),
            }
        elif data.get("window_id") in opened:
            window = opened[data["window_id"]]
            window["t1_ms"] = max(window["t0_ms"], min(window["t1_ms"], facts.t_ms(event)))
    return list(opened.values())


def _is_with_agent(facts: SessionFacts, person_id: str) -> bool:
    assert facts.state is not None
    seat = facts.state.seat_of(person_id)
    return seat is not None and seat.location == "with_agent"


def prompts(facts: SessionFacts) -> list[dict[str, Any]]:
    """Prompts that played to their end, with how many syllables they have."""
    if facts.state is None:
        return []
    setup = facts.state.setup
    texts = {node.node_id: node.prompt_text for node in setup.nodes}
    started: dict[str, int] = {}
    found = []
    for event in facts.of_type("prompt_started", "prompt_finished"):
        data = event.data
        if event.type == "prompt_started":
            started[data["prompt_id"]] = facts.t_ms(event)
        elif data["completed"] and data["prompt_id"] in started:
            sounds = sum(len(run) for run in spoken.syllables(_read_out(texts.get(data["node_id"], ""))))
            found.append(
                {
                    "node_id": data["node_id"],
                    "syllables": sounds,
                    "t0_ms": started[data["prompt_id"]],
                    "t1_ms": facts.t_ms(event),
                    "has_care": setup.any_care(),
                }
            )
    return found


def required(work: Work, facts: SessionFacts) -> list[dict[str, Any]]:
    """What the agent must say of themselves in the node that shows the agent: name, company, licence number."""
    if facts.state is None:
        return []
    setup = facts.state.setup
    nodes = {node.node_id for node in setup.nodes if node.shows == AGENT}
    agent = setup.agent
    said = [("said_name", agent.name), ("said_company", agent.institution_name), ("said_company", setup.insurer_name)]
    said.append(("said_licence", agent.licence_no))
    return [
        {
            "code": code,
            "node_id": stay["node_id"],
            "seat_id": agent.seat_id,
            "syllables": sounds(text),
            "t0_ms": stay["t0_ms"],
            "t1_ms": stay["t1_ms"],
        }
        for stay in node_spans(facts, work.meta)
        if stay["node_id"] in nodes
        for code, text in said
    ]


def sounds(text: str) -> list[str]:
    """Toneless pinyin of a text, digits read one by one."""
    return [sound for run in spoken.syllables(_read_out(text)) for sound in run]


def _read_out(text: str) -> str:
    return "".join(_DIGITS.get(character, character) for character in text)


async def _papers(context: Context, facts: SessionFacts) -> dict[str, dict[str, Any]]:
    """The documents that were shown, as bytes; those that cannot be had are left out and stay not measured."""
    if facts.state is None:
        return {}
    viewed = {event.data["document_id"] for event in facts.of_type("document_viewed")}
    found = {}
    for document in facts.state.setup.documents:
        if document.document_id not in viewed:
            continue
        try:
            data = await documents.content(context, document.document_id)
        except Problem:
            continue
        if len(data) <= LARGEST_PDF:
            found[document.document_id] = {
                "pdf": base64.b64encode(data).decode(),
                "number": facts.state.setup.proposal_no,
                "number_area": asdict(document.number_area) if document.number_area else None,
            }
    return found
