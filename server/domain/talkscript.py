"""Talk scripts (话术) as data: parsing, conditions, merge fields, and freezing one into a session. Pure rules.

A script is a plain dict (from YAML or the database). `parse` checks it completely and reports every fault with its path;
`freeze` picks the nodes whose conditions hold for a case and fills the merge fields. A missing field is a fault, never an
empty string. Locked nodes (the prescribed reminder and the consent, 265号) must be in every script, without conditions.
"""

import hashlib
import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

NODE_KINDS = ("notice", "agent_statement", "show_id", "question", "reading", "signing", "closing")
ROLES = ("policyholder", "insured", "guardian")
_FIELD = re.compile(r"\{\{\s*([a-z0-9_]+)\s*\}\}")
_ID = re.compile(r"^[a-z][a-z0-9_]{1,39}$")
_PAIRS = {"question": "answer", "show_id": "shows", "reading": "documents", "signing": "documents"}


@dataclass(frozen=True, slots=True)
class Fault:
    """Something wrong in a script or its data: where, and a stable code."""

    path: str
    code: str
    detail: str = ""


class TalkScriptError(Exception):
    """A script that cannot be used. Carries every fault found, not only the first."""

    def __init__(self, faults: list[Fault]) -> None:
        super().__init__("; ".join(f"{f.path}: {f.code} {f.detail}".rstrip() for f in faults))
        self.faults = faults


@dataclass(frozen=True, slots=True)
class Lexicon:
    """Phrases of a closed question. Negations of affirmatives belong to `negative` (不清楚 is not 清楚)."""

    affirmative: tuple[str, ...]
    negative: tuple[str, ...]
    fillers: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Paragraph:
    """A piece of spoken text that is there only under its condition."""

    text: str
    when: Mapping[str, Any] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class AnswerSpec:
    """What everybody in the audience has to answer. `is_consent`: a refusal ends the session as declined."""

    lexicon: str
    expect: str = "affirmative"
    is_consent: bool = False
    timeout_ms: int | None = None


@dataclass(frozen=True, slots=True)
class DocumentSpec:
    """A kind of document this node is about, and the roles who must read or sign it."""

    kind: str
    by: tuple[str, ...]
    is_optional: bool = False


@dataclass(frozen=True, slots=True)
class NodeSpec:
    """A node as written in the script."""

    node_id: str
    kind: str
    title: str
    audience: tuple[str, ...]
    prompt: tuple[Paragraph, ...]
    agent_text: tuple[Paragraph, ...] = ()
    instruction: str = ""
    answer: AnswerSpec | None = None
    shows: str | None = None
    documents: tuple[DocumentSpec, ...] = ()
    is_locked: bool = False
    is_critical: bool = False
    min_ms: int = 0
    min_agent_speech_ms: int = 0
    when: Mapping[str, Any] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class TalkScript:
    """A parsed script version."""

    key: str
    title: str
    lexicons: Mapping[str, Lexicon]
    nodes: tuple[NodeSpec, ...]


@dataclass(frozen=True, slots=True)
class FrozenDocument:
    """A document duty of a node after freezing."""

    kind: str
    by: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class FrozenNode:
    """A node with its final text, as it stays for the whole session whatever happens to the script."""

    node_id: str
    number: int
    kind: str
    title: str
    audience: tuple[str, ...]
    prompt_text: str
    prompt_sha256: str
    agent_text: str
    lexicon: Lexicon | None
    expect: str
    is_consent: bool
    answer_timeout_ms: int | None
    shows: str | None
    documents: tuple[FrozenDocument, ...]
    is_locked: bool
    is_critical: bool
    min_ms: int
    min_agent_speech_ms: int


def parse(data: Mapping[str, Any]) -> TalkScript:
    """Check and build a script. Raises `TalkScriptError` with all faults."""
    faults: list[Fault] = []
    known = {"key", "title", "description", "lexicons", "nodes"}
    faults += [Fault(str(key), "UNKNOWN_KEY") for key in data if key not in known]
    for key in ("key", "title"):
        if not isinstance(data.get(key), str) or not data[key].strip():
            faults.append(Fault(key, "TEXT_EXPECTED"))
    lexicons = _lexicons(data.get("lexicons"), faults)
    raw = data.get("nodes")
    nodes: list[NodeSpec] = []
    if not isinstance(raw, list) or not raw:
        faults.append(Fault("nodes", "LIST_EXPECTED"))
    else:
        for index, item in enumerate(raw):
            node = _node(item, f"nodes.{index}", lexicons, faults)
            if node is not None:
                nodes.append(node)
        faults += _whole(nodes)
    if faults:
        raise TalkScriptError(faults)
    return TalkScript(str(data["key"]), str(data["title"]), lexicons, tuple(nodes))


def holds(when: Mapping[str, Any], facts: Mapping[str, Any]) -> bool:
    """Whether a condition holds. A fact that the condition names and the case lacks raises `TalkScriptError`.

    `{product_type: [participating], policyholder_age: {min: 60}, not: {channel: bank}, any: [{…}, {…}]}`; keys are and-ed.
    """
    for key, want in when.items():
        if key == "not":
            if holds(want, facts):
                return False
        elif key == "any":
            if not any(holds(item, facts) for item in want):
                return False
        else:
            if key not in facts:
                raise TalkScriptError([Fault(key, "FACT_MISSING")])
            if not _matches(want, facts[key]):
                return False
    return True


def fields_of(text: str) -> list[str]:
    """Merge fields a text uses."""
    return _FIELD.findall(text)


def merge(text: str, fields: Mapping[str, str], path: str = "") -> str:
    """Fill `{{field}}`s. Raises `TalkScriptError` naming every missing or empty field."""
    missing = sorted({name for name in fields_of(text) if not str(fields.get(name) or "").strip()})
    if missing:
        raise TalkScriptError([Fault(path or name, "FIELD_MISSING", name) for name in missing])
    return _FIELD.sub(lambda match: str(fields[match.group(1)]), text)


def freeze(
    script: TalkScript, facts: Mapping[str, Any], fields: Mapping[str, str], document_kinds: frozenset[str]
) -> tuple[FrozenNode, ...]:
    """Pick and fill the nodes for one case. Raises `TalkScriptError` with every missing field, fact and document."""
    faults: list[Fault] = []
    frozen: list[FrozenNode] = []
    for spec in script.nodes:
        try:
            if holds(spec.when, facts):
                frozen.append(_freeze_node(script, spec, len(frozen) + 1, facts, fields, document_kinds))
        except TalkScriptError as error:
            faults += [Fault(f"{spec.node_id}.{fault.path}", fault.code, fault.detail) for fault in error.faults]
    if faults:
        raise TalkScriptError(faults)
    return tuple(frozen)


def _freeze_node(
    script: TalkScript,
    spec: NodeSpec,
    number: int,
    facts: Mapping[str, Any],
    fields: Mapping[str, str],
    document_kinds: frozenset[str],
) -> FrozenNode:
    faults: list[Fault] = []

    def fill(parts: tuple[Paragraph, ...], name: str) -> str:
        texts: list[str] = []
        for part in parts:
            try:
                if holds(part.when, facts):
                    texts.append(merge(part.text.strip(), fields, name))
            except TalkScriptError as error:
                faults.extend(error.faults)
        return "".join(texts)

    prompt = fill(spec.prompt, "prompt")
    agent_text = fill(spec.agent_text, "agent_text")
    documents = tuple(FrozenDocument(d.kind, d.by) for d in spec.documents if d.kind in document_kinds)
    faults += [
        Fault("documents", "DOCUMENT_MISSING", d.kind)
        for d in spec.documents
        if d.kind not in document_kinds and not d.is_optional
    ]
    if faults:
        raise TalkScriptError(faults)
    return FrozenNode(
        node_id=spec.node_id,
        number=number,
        kind=spec.kind,
        title=spec.title,
        audience=spec.audience,
        prompt_text=prompt,
        prompt_sha256=hashlib.sha256(prompt.encode()).hexdigest(),
        agent_text=agent_text,
        lexicon=script.lexicons[spec.answer.lexicon] if spec.answer else None,
        expect=spec.answer.expect if spec.answer else "",
        is_consent=bool(spec.answer and spec.answer.is_consent),
        answer_timeout_ms=spec.answer.timeout_ms if spec.answer else None,
        shows=spec.shows,
        documents=documents,
        is_locked=spec.is_locked,
        is_critical=spec.is_critical,
        min_ms=spec.min_ms,
        min_agent_speech_ms=spec.min_agent_speech_ms,
    )


def _matches(want: Any, have: Any) -> bool:
    if isinstance(want, Mapping):
        if have is None:
            return False
        return _is_number(have) and bool(want.get("min", have) <= have <= want.get("max", have))
    if isinstance(want, (list, tuple)):
        return have in want
    return bool(have == want)


def _lexicons(raw: Any, faults: list[Fault]) -> dict[str, Lexicon]:
    result: dict[str, Lexicon] = {}
    if raw is not None and not isinstance(raw, Mapping):
        faults.append(Fault("lexicons", "OBJECT_EXPECTED"))
        return result
    for name, item in (raw or {}).items():
        path = f"lexicons.{name}"
        if not isinstance(item, Mapping):
            faults.append(Fault(path, "OBJECT_EXPECTED"))
            continue
        lexicon = Lexicon(
            _texts(item.get("affirmative"), f"{path}.affirmative", faults),
            _texts(item.get("negative"), f"{path}.negative", faults),
            _texts(item.get("fillers", []), f"{path}.fillers", faults, may_be_empty=True),
        )
        both = set(lexicon.affirmative) & set(lexicon.negative)
        faults += [Fault(path, "PHRASE_IN_BOTH", phrase) for phrase in sorted(both)]
        result[str(name)] = lexicon
    return result


def _texts(raw: Any, path: str, faults: list[Fault], *, may_be_empty: bool = False) -> tuple[str, ...]:
    if not isinstance(raw, list) or not all(isinstance(item, str) and item for item in raw) or not (raw or may_be_empty):
        faults.append(Fault(path, "TEXTS_EXPECTED"))
        return ()
    return tuple(raw)


def _node(raw: Any, path: str, lexicons: Mapping[str, Lexicon], faults: list[Fault]) -> NodeSpec | None:
    if not isinstance(raw, Mapping):
        faults.append(Fault(path, "OBJECT_EXPECTED"))
        return None
    before = len(faults)
    known = {
        "id", "kind", "title", "audience", "prompt", "agent_text", "answer", "shows", "documents", "locked", "critical",
        "min_seconds", "min_agent_speech_seconds", "when",
    }  # fmt: skip
    faults += [Fault(f"{path}.{key}", "UNKNOWN_KEY") for key in raw if key not in known]
    node_id, kind, title = raw.get("id"), raw.get("kind"), raw.get("title")
    if not isinstance(node_id, str) or not _ID.match(node_id):
        faults.append(Fault(f"{path}.id", "ID_INVALID"))
    if kind not in NODE_KINDS:
        faults.append(Fault(f"{path}.kind", "KIND_UNKNOWN", str(kind)))
    if not isinstance(title, str) or not title.strip():
        faults.append(Fault(f"{path}.title", "TEXT_EXPECTED"))
    audience = _roles(raw.get("audience"), f"{path}.audience", faults)
    prompt = _paragraphs(raw.get("prompt"), f"{path}.prompt", faults)
    agent_text = _paragraphs(raw.get("agent_text"), f"{path}.agent_text", faults)
    answer = _answer(raw.get("answer"), f"{path}.answer", lexicons, faults)
    documents = _documents(raw.get("documents"), f"{path}.documents", faults)
    shows = raw.get("shows")
    if shows not in (None, "agent", "customers"):
        faults.append(Fault(f"{path}.shows", "SHOWS_UNKNOWN", str(shows)))
    needed = _PAIRS.get(str(kind))
    if needed and not raw.get(needed):
        faults.append(Fault(f"{path}.{needed}", "REQUIRED_FOR_KIND", str(kind)))
    if kind != "agent_statement" and not prompt and not agent_text:
        faults.append(Fault(f"{path}.prompt", "TEXT_EXPECTED"))
    if kind == "agent_statement" and not agent_text:
        faults.append(Fault(f"{path}.agent_text", "TEXT_EXPECTED"))
    seconds = [raw.get("min_seconds", 0), raw.get("min_agent_speech_seconds", 0)]
    if not all(_is_number(s) and 0 <= s <= 3600 for s in seconds):
        faults.append(Fault(f"{path}.min_seconds", "SECONDS_EXPECTED"))
    when = _when(raw.get("when"), f"{path}.when", faults)
    if raw.get("locked") and raw.get("when"):
        faults.append(Fault(f"{path}.when", "LOCKED_HAS_CONDITION"))
    if len(faults) > before:
        return None
    return NodeSpec(
        node_id=str(node_id),
        kind=str(kind),
        title=str(title).strip(),
        audience=audience,
        prompt=prompt,
        agent_text=agent_text,
        answer=answer,
        shows=shows,
        documents=documents,
        is_locked=bool(raw.get("locked", False)),
        is_critical=bool(raw.get("critical", False)),
        min_ms=int(seconds[0] * 1000),
        min_agent_speech_ms=int(seconds[1] * 1000),
        when=when,
    )


def _is_number(value: Any) -> bool:
    return isinstance(value, (int, float)) and not isinstance(value, bool)


def _when(raw: Any, path: str, faults: list[Fault]) -> dict[str, Any]:
    """A condition that `holds` can answer for every case, whatever its facts are."""
    if raw is None:
        return {}
    if not isinstance(raw, Mapping):
        faults.append(Fault(path, "CONDITION_EXPECTED"))
        return {}
    for key, want in raw.items():
        if key == "not":
            _when(want if want is not None else [], f"{path}.not", faults)
        elif key == "any":
            if not isinstance(want, list) or not want:
                faults.append(Fault(f"{path}.any", "CONDITION_EXPECTED"))
                continue
            for index, item in enumerate(want):
                _when(item if item is not None else [], f"{path}.any.{index}", faults)
        elif isinstance(want, Mapping):
            if not want or not all(name in ("min", "max") and _is_number(limit) for name, limit in want.items()):
                faults.append(Fault(f"{path}.{key}", "CONDITION_EXPECTED"))
        elif not all(isinstance(one, (str, int, float)) for one in (want if isinstance(want, list) else [want])) or want == []:
            faults.append(Fault(f"{path}.{key}", "CONDITION_EXPECTED"))
    return dict(raw)


def _roles(raw: Any, path: str, faults: list[Fault]) -> tuple[str, ...]:
    if not isinstance(raw, list) or not raw or any(role not in ROLES for role in raw):
        faults.append(Fault(path, "ROLES_EXPECTED"))
        return ()
    return tuple(raw)


def _paragraphs(raw: Any, path: str, faults: list[Fault]) -> tuple[Paragraph, ...]:
    if raw is None:
        return ()
    if isinstance(raw, str):
        raw = [raw]
    if not isinstance(raw, list):
        faults.append(Fault(path, "TEXT_EXPECTED"))
        return ()
    parts: list[Paragraph] = []
    for index, item in enumerate(raw):
        if isinstance(item, str) and item.strip():
            parts.append(Paragraph(item.strip()))
        elif isinstance(item, Mapping) and isinstance(item.get("text"), str) and item["text"].strip():
            parts.append(Paragraph(item["text"].strip(), _when(item.get("when"), f"{path}.{index}.when", faults)))
        else:
            faults.append(Fault(f"{path}.{index}", "TEXT_EXPECTED"))
    return tuple(parts)


def _answer(raw: Any, path: str, lexicons: Mapping[str, Lexicon], faults: list[Fault]) -> AnswerSpec | None:
    if raw is None:
        return None
    if not isinstance(raw, Mapping) or not isinstance(raw.get("lexicon"), str) or raw["lexicon"] not in lexicons:
        faults.append(Fault(f"{path}.lexicon", "LEXICON_UNKNOWN"))
        return None
    expect = raw.get("expect", "affirmative")
    if expect not in ("affirmative", "negative"):
        faults.append(Fault(f"{path}.expect", "EXPECT_UNKNOWN", str(expect)))
    timeout = raw.get("timeout_seconds")
    if timeout is not None and not (_is_number(timeout) and 0 < timeout <= 3600):
        faults.append(Fault(f"{path}.timeout_seconds", "SECONDS_EXPECTED"))
        return None
    return AnswerSpec(str(raw["lexicon"]), expect, bool(raw.get("consent", False)), int(timeout * 1000) if timeout else None)


def _documents(raw: Any, path: str, faults: list[Fault]) -> tuple[DocumentSpec, ...]:
    specs: list[DocumentSpec] = []
    for index, item in enumerate(raw or []):
        if not isinstance(item, Mapping) or not isinstance(item.get("kind"), str):
            faults.append(Fault(f"{path}.{index}", "KIND_EXPECTED"))
            continue
        by = _roles(item.get("by"), f"{path}.{index}.by", faults)
        specs.append(DocumentSpec(item["kind"], by, bool(item.get("optional", False))))
    return tuple(specs)


def _whole(nodes: list[NodeSpec]) -> list[Fault]:
    """Rules over the whole script: unique ids, the locked notice with consent first, the closing last."""
    faults: list[Fault] = []
    seen: set[str] = set()
    for index, node in enumerate(nodes):
        if node.node_id in seen:
            faults.append(Fault(f"nodes.{index}.id", "ID_TWICE", node.node_id))
        seen.add(node.node_id)
    if not any(n.is_locked and n.answer and n.answer.is_consent for n in nodes):
        faults.append(Fault("nodes", "CONSENT_NODE_MISSING"))
    if not any(n.is_locked and n.kind == "notice" for n in nodes):
        faults.append(Fault("nodes", "NOTICE_NODE_MISSING"))
    if nodes and nodes[-1].kind != "closing":
        faults.append(Fault("nodes", "CLOSING_NOT_LAST"))
    return faults
