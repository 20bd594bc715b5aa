"""The evidence of one callback in one file, made in seconds: who it was, what was shown, asked, answered and signed.

A ZIP with a report to read (PDF), the data behind it (JSON), call recordings and scans, and a manifest of hashes signed with the
seal key. What it says is checked while it is made: pages, files and history either still have their hashes, or it says so.
"""

import hashlib
import io
import json
import zipfile
from collections.abc import Mapping
from datetime import datetime
from typing import Any
from zoneinfo import ZoneInfo

import cv2
import numpy as np
import sqlalchemy as sa

from server.audits.tables import audit_entries
from server.callbacks import files, store
from server.callbacks.forms import CATEGORIES
from server.callbacks.pages import list_pages, read_page
from server.callbacks.papers import Block, Paper, Picture, Questions, Text, draw, rows, yes_no
from server.callbacks.recorded import said_by_subject
from server.callbacks.store import StoredEvent
from server.callbacks.tables import callback_files, callback_identity_sessions, callback_tasks, callbacks, policies
from server.callbacks.trace import CHANNELS, METHODS, detail, question_names, rule_text, title
from server.context import Context
from server.domain.callback.case import CallbackCase
from server.http.problem import not_found
from server.recordings.stores import build_ring
from storage.db.engine import Tx
from storage.objects.port import ObjectStore

FORMAT = "callback-evidence/1"
_FIXED = (2020, 1, 1, 0, 0, 0)
STATES = {
    "waiting": "等待开放",
    "open": "待客户回访",
    "in_progress": "客户回访中",
    "locked": "当日锁定",
    "phone": "待电话回访",
    "phone_failed": "电话未成功",
    "problem": "问题件",
    "visit": "上门回访",
    "letter": "信函回访",
    "success": "回访成功",
    "closed": "已关闭",
    "expired": "已到期",
}
KINDS = {
    "identity": "身份核验",
    "notice": "回访须知",
    "questionnaire": "问卷",
    "confirm": "确认页",
    "signature": "签名",
    "result": "结果",
}


class Gathered:
    """Everything of one callback that the export needs, read in one transaction."""

    def __init__(
        self,
        row: dict[str, Any],
        case: CallbackCase,
        events: list[StoredEvent],
        members: dict[str, Any],
        papers: list[dict[str, Any]],
    ) -> None:
        self.row = row
        self.case = case
        self.events = events
        self.members = members
        self.papers = papers


async def gather(tx: Tx, context: Context, callback_id: str) -> Gathered:
    """Read it. 404 `CALLBACK_NOT_FOUND`."""
    row = (await tx.execute(sa.select(callbacks).where(callbacks.c.id == callback_id))).mappings().one_or_none()
    if row is None:
        raise not_found("CALLBACK_NOT_FOUND")
    loaded = await store.load(tx, context, callback_id)
    events = await store.history(tx, context, callback_id)
    policy = (await tx.execute(sa.select(policies).where(policies.c.policy_no == row["policy_no"]))).mappings().one()
    pages = [await read_page(tx, context, callback_id, page.id) for page in await list_pages(tx, callback_id)]
    customer = callback_identity_sessions.c.customer_hash == row["customer_hash"]
    sessions = (await tx.execute(sa.select(callback_identity_sessions).where(customer))).mappings().all()
    tasks = (await tx.execute(sa.select(callback_tasks).where(callback_tasks.c.callback_id == callback_id))).mappings().all()
    audits = (
        await tx.execute(sa.select(audit_entries).where(audit_entries.c.subject == callback_id).order_by(audit_entries.c.seq))
    ).mappings()
    papers = (
        await tx.execute(
            sa.select(callback_files)
            .where(callback_files.c.callback_id == callback_id, callback_files.c.disposed_at.is_(None))
            .order_by(callback_files.c.made_at)
        )
    ).mappings()
    said = await said_by_subject(tx, context, policy["case_id"])
    case = loaded.case
    members: dict[str, Any] = {
        "callback.json": {
            "format": FORMAT,
            "id": callback_id,
            "policy_no": row["policy_no"],
            "proposal_no": policy["proposal_no"],
            "case_id": policy["case_id"],
            "recording_id": policy["recording_id"],
            "state": case.state.value,
            "result": case.result,
            "channel": row["channel"],
            "problem_category": case.problem_category,
            "rulebook": {"id": row["rulebook_id"], "version": row["rulebook_version"]},
            "created_at": row["created_at"],
            "finished_at": row["finished_at"],
            "is_history_intact": store.is_intact(callback_id, events),
            "policy": json.loads(store.facts_to_json(case.policy)),
        },
        "rules.json": row["frozen"],
        "answers.json": [
            {
                "id": q.id,
                "text": q.text,
                "expected": q.expected,
                "answer": case.answers.get(q.id),
                "subject": q.subject,
                "in_recording": _plain(said.get(q.subject)),
            }
            for q in case.questionnaire.asked
        ],
        "events.json": [
            {
                "seq": item.seq,
                "at": item.event.at,
                "recorded_at": item.recorded_at,
                "kind": item.event.kind,
                "rule": item.event.rule,
                "state": item.event.state.value,
                "actor": item.actor,
                "data": dict(item.event.data),
                "hash": item.hash,
            }
            for item in events
        ],
        "identity.json": [
            {key: session[key] for key in ("id", "entry", "method", "proof", "passed_at", "last_at", "ended_at")}
            for session in sessions
        ],
        "tasks.json": [dict(task) for task in tasks],
        "access-log.json": [
            {key: entry[key] for key in ("seq", "at", "actor", "actor_name", "action", "data", "address", "hash")}
            for entry in audits
        ],
        **{f"pages/{n:03}-{page.kind}.json": page.model_dump(mode="json") for n, page in enumerate(pages, start=1)},
    }
    return Gathered(dict(row), case, list(events), members, [dict(paper) for paper in papers])


def _plain(value: Any) -> dict[str, Any] | None:
    return {name: getattr(value, name) for name in value.__slots__} if value is not None else None


async def export(context: Context, objects: ObjectStore, gathered: Gathered, made_by: str) -> tuple[bytes, str]:
    """The ZIP and the hash of its manifest."""
    now = context.now()
    content: dict[str, bytes] = {name: _json(value) for name, value in gathered.members.items()}
    damaged: list[str] = []
    for number, paper in enumerate(gathered.papers, start=1):
        data = await files.read_all(context, objects, paper)
        name = f"files/{number:03}-{files.file_name(paper, paper['made_at'])}"
        content[name] = data
        if not files.is_intact(paper, data):
            damaged.append(name)
    damaged += [name for name, value in gathered.members.items() if name.startswith("pages/") and not value["is_intact"]]
    signature = _signature(gathered.members)
    if signature:
        content["signature.png"] = signature
    content["report.pdf"] = await draw(_report(gathered, signature, damaged, made_by, now, context.settings.time_zone))
    manifest = _json(
        {
            "format": FORMAT,
            "callback_id": gathered.row["id"],
            "made_at": now,
            "made_by": made_by,
            "is_history_intact": gathered.members["callback.json"]["is_history_intact"],
            "damaged": damaged,
            "files": {
                name: {"sha256": hashlib.sha256(data).hexdigest(), "bytes": len(data)} for name, data in sorted(content.items())
            },
        }
    )
    content["manifest.json"] = manifest
    try:
        ring = build_ring(context.settings, now)
    except ValueError:  # this process has no seal key: the hashes stand without a signature, and the missing file says so
        ring = None
    if ring is not None:
        content["signature.json"] = ring.sign(manifest, now, facts={"callback_id": gathered.row["id"]})
    return _zip(content), hashlib.sha256(manifest).hexdigest()


def _json(value: Any) -> bytes:
    return json.dumps(value, ensure_ascii=False, indent=2, default=_text).encode()


def _text(value: Any) -> str:
    return value.isoformat() if isinstance(value, datetime) else str(value)


def _zip(content: Mapping[str, bytes]) -> bytes:
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w") as archive:
        for name, data in content.items():
            is_media = name.startswith("files/") or name.endswith((".pdf", ".png"))
            info = zipfile.ZipInfo(name, _FIXED)
            archive.writestr(info, data, compress_type=zipfile.ZIP_STORED if is_media else zipfile.ZIP_DEFLATED)
    return out.getvalue()


_PAD = (900, 429)
"""The pad of the phone is 2.1 times as wide as high."""


def _signature(members: Mapping[str, Any]) -> bytes | None:
    """The signature as a picture, from the strokes that were kept."""
    kept = [value["content"] for name, value in sorted(members.items()) if name.endswith("-signature.json")]
    if not kept or "strokes" not in kept[-1]:
        return None
    canvas = np.full((_PAD[1], _PAD[0], 3), 255, np.uint8)
    for stroke in json.loads(kept[-1]["strokes"]):
        points = [_point(point) for point in stroke]
        cv2.polylines(canvas, [np.array(points, np.int32)], isClosed=False, color=(40, 30, 20), thickness=4, lineType=cv2.LINE_AA)
    return bytes(cv2.imencode(".png", canvas)[1])


def _point(point: Any) -> tuple[int, int]:
    x, y = (point["x"], point["y"]) if isinstance(point, dict) else (point[0], point[1])
    return round(float(x) * _PAD[0]), round(float(y) * _PAD[1])


def _report(gathered: Gathered, signature: bytes | None, damaged: list[str], made_by: str, now: datetime, zone: str) -> Paper:
    case, row, members = gathered.case, gathered.row, gathered.members

    def local(value: datetime | None) -> str:
        return f"{value.astimezone(ZoneInfo(zone)):%Y-%m-%d %H:%M:%S}" if value else "—"

    state = STATES[case.state.value]
    names = question_names(members["rules.json"]["questionnaire"]["questions"])
    intact = members["callback.json"]["is_history_intact"]
    blocks: list[Block] = [
        rows(
            "结果",
            (
                ("回访编号", row["id"]),
                ("结果", state + (f"（{CHANNELS.get(row['channel'], row['channel'])}）" if row["channel"] else "")),
                ("问题类别", CATEGORIES.get(case.problem_category, "")),
                ("建立时间", local(row["created_at"])),
                ("完成时间", local(row["finished_at"])),
                ("适用规则", f"{case.rulebook.insurer} {case.rulebook.id} 第 {case.rulebook.version} 版"),
                ("经过记录", "完整，哈希链核验通过" if intact else "已被改动，哈希链核验未通过"),
                ("页面和文件", "与保存时一致" if not damaged else "与保存时不一致：" + "、".join(damaged)),
            ),
        ),
        rows(
            "保单",
            (
                ("保单号", case.policy.policy_no),
                ("产品", case.policy.product_name),
                ("投保人", case.policy.policyholder_name),
                ("被保险人", case.policy.insured_name),
                ("承保时间", local(case.policy.issued_at)),
                ("双录", str(members["callback.json"]["recording_id"] or "无")),
            ),
        ),
        rows(
            "身份证明",
            [
                (METHODS.get(s["method"], s["method"]), f"{local(s['passed_at'])} 通过；依据 {proof_text(s['proof'])}")
                for s in members["identity.json"]
            ]
            or [("身份核验", "电话核对或见签字单据")],
        ),
        Questions("问题与回答", tuple((f"{q['text']}{_then(q)}", yes_no(q["answer"])) for q in members["answers.json"])),
    ]
    if signature:
        blocks.append(Picture("投保人电子签名", signature))
    pages = [value for name, value in members.items() if name.startswith("pages/")]
    blocks += [
        rows(
            "客户看到的关键页面",
            [
                (
                    KINDS.get(page["kind"], page["kind"]),
                    f"{local(datetime.fromisoformat(page['at']))}　SHA-256 {page['sha256'][:32]}…",
                )
                for page in pages
            ]
            or [("页面", "没有电子页面（电话、上门或信函回访）")],
        ),
        rows(
            "录音和单据",
            [
                (
                    {"call_recording": "通话录音", "scan": "签字扫描件", "form": "单据"}[paper["kind"]],
                    f"{local(paper['made_at'])}　SHA-256 {paper['sha256'][:32]}…",
                )
                for paper in gathered.papers
            ]
            or [("录音和单据", "无")],
        ),
        rows(
            "操作轨迹",
            [(local(item.event.at), "　".join(part for part in _told(item, zone, names) if part)) for item in gathered.events],
        ),
        Text(
            "出具",
            (f"本件由系统于 {local(now)} 出具，出具人 {made_by}。逐个文件的哈希见 manifest.json，签名见 signature.json。",),
        ),
    ]
    return Paper("回访证据", case.rulebook.insurer, row["id"], now, blocks)


_CHALLENGES = {"digits": "朗读数字", "turns": "按提示转头"}
_ACTIONS = {"straight": "正对屏幕", "read": "朗读", "turn_left": "向左转头", "turn_right": "向右转头"}


def proof_text(proof: Mapping[str, Any]) -> str:
    """What an identity was taken on: the likeness and the challenge against pictures of pictures, or the code."""
    if "similarity" in proof:
        like = f"与留存照片相似度 {_decimals(proof['similarity'])}，要求 {_decimals(proof.get('threshold'))} 以上"
        return f"{like}；{live}" if (live := _challenge_text(proof)) else like
    return f"验证码发送至登记手机 {proof.get('phone_masked', '')}".rstrip() if proof else "—"


def _decimals(value: Any) -> str:
    return f"{float(value):.2f}" if isinstance(value, int | float) else "没有测到"


def _challenge_text(proof: Mapping[str, Any]) -> str:
    """The challenge, what was asked, and whether the customer did it."""
    name, asked = _CHALLENGES.get(str(proof.get("challenge", "")), ""), proof.get("asked")
    if not name:
        return ""
    steps = str(asked) if isinstance(asked, str) else "、".join(_ACTIONS.get(str(step), str(step)) for step in asked or ())
    done = {True: "动作与要求一致", False: "动作与要求不一致"}.get(proof.get("is_live"), "动作没有测到")  # type: ignore[arg-type]
    return f"防冒用动作：{name}（{steps}），{done}" + (f"，听到 {proof['heard']}" if proof.get("heard") else "")


def _then(question: Mapping[str, Any]) -> str:
    said = question["in_recording"]
    return f"（双录：{said['text'] or said['node_title']}）" if said else ""


def _told(item: StoredEvent, zone: str, questions: Mapping[str, str]) -> tuple[str, ...]:
    """An event in words: who, what, the details, by which rule. The raw event stands in events.json."""
    event = item.event
    return f"{_who(item.actor)}：{title(event.kind)}", detail(event, zone, questions), f"规则：{rule_text(event.rule)}"


def _who(actor: str) -> str:
    return "坐席" if actor.startswith("staff:") else {"customer": "客户", "system": "系统"}.get(actor, actor)
