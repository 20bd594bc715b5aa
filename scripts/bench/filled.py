"""Fills a database with finished cases, straight into its tables, as the service would have left them."""

import itertools
import random
from collections.abc import Iterable, Iterator
from datetime import UTC, date, datetime, timedelta
from typing import Any

import orjson
import sqlalchemy as sa

from server.callbacks.tables import policies
from server.cases import products as product_service
from server.cases.tables import cases, proposal_persons, proposals
from server.context import Context
from server.domain.identity_no import make_identity_no
from server.inspections.tables import inspections
from server.ops.demo.proposals import ORGANISATIONS, PRODUCTS
from server.ops.migrations import sync_url
from server.recordings.spoken import tokens_of
from server.recordings.tables import WORDS_INDEX, recording_transcripts, recording_words, recordings
from server.schema import load_metadata
from server.users import service as users
from server.users.demo import DEMO_ACCOUNTS, DEMO_PASSWORD
from server.users.passwords import hash_password
from server.users.tables import organisations, staff_accounts
from storage.db.crypto import FieldCipher

END = datetime(2026, 11, 20, 4, tzinfo=UTC)
AGENTS = 400
LINES = 20
DATABASE_TABLES = (
    "cases",
    "proposal_persons",
    "recordings",
    "inspections",
    "recording_transcripts",
    "recording_words",
    "policies",
)
_SURNAMES = "王李张刘陈杨黄赵吴周徐孙马朱胡郭何高林罗郑梁谢宋唐许韩冯邓曹彭曾肖田董潘袁蔡蒋余于杜叶程魏苏吕丁任卢姚沈钟姜崔谭陆范"
_GIVEN = "伟芳娜敏静丽强磊军洋勇艳杰娟涛明超秀霞平刚桂英华玉兰红梅建国文斌晓燕志宇欣悦晨浩然思雨梓涵"
_WORDS = [
    "保险责任",
    "责任免除",
    "现金价值",
    "犹豫期",
    "退保损失",
    "分红水平",
    "结算利率",
    "保单管理费",
    "如实告知",
    "健康状况",
    "等待期",
    "指定医院",
    "缴费期间",
    "保险期间",
    "身故保险金",
    "重大疾病",
    "受益人",
    "投保人",
    "被保险人",
    "监护人",
    "条款",
    "产品说明书",
    "投保提示书",
    "免责说明",
    "红利分配",
    "账户价值",
    "初始费用",
    "最低保证利率",
    "业务员",
    "执业证",
    "不承诺保本",
    "不确定",
    "客户服务",
    "电子保单",
    "续期保费",
    "宽限期",
    "保单贷款",
    "减额缴清",
    "年金领取",
    "满期生存金",
    "职业变更",
    "家庭收入",
    "财务状况",
    "风险承受能力",
    "老年客户",
    "联系地址",
]
_FREQUENT = ["请问您是否清楚", "是的我清楚", "我同意录音录像", "保单现金价值以合同载明的为准", "好的我明白了"]


def _sentences() -> list[str]:
    dice = random.Random(3)
    hanzi = [chr(code) for code in range(0x4E00, 0x4E00 + 3000)]
    made = []
    for _ in range(4000):
        rare = "".join(dice.choice(hanzi) for _ in range(4))
        made.append("".join(dice.sample(_WORDS, 3)) + rare)
    return _FREQUENT + made


SENTENCES = _sentences()
"""What people say: a few sentences in most recordings, the others in about five hundred each."""


def name_of(number: int) -> str:
    """The policyholder's name of a case."""
    dice = random.Random(number)
    return dice.choice(_SURNAMES) + dice.choice(_GIVEN) + dice.choice(_GIVEN)


def id_number(number: int) -> str:
    """The policyholder's identity number."""
    return make_identity_no(
        "110101", date(1950 + number % 50, number // 50 % 12 + 1, number // 600 % 28 + 1), number // 16800 + 1, "male"
    )


def phone_of(number: int) -> str:
    """The policyholder's phone."""
    return f"137{number:08d}"


async def fill(context: Context, count: int) -> bool:
    """Fill an empty database. Returns whether it was empty."""
    async with context.db.engine.begin() as connection:
        await connection.run_sync(load_metadata().create_all)
    async with context.db.read() as tx:
        if await tx.scalar(sa.select(sa.func.count()).select_from(cases)) == count:
            return False
    encoded = await hash_password(DEMO_PASSWORD)
    async with context.db.begin() as tx:
        for code, name in ORGANISATIONS.items():
            await tx.execute(organisations.insert().values(code=code, name=name))
        for account in DEMO_ACCOUNTS:
            user = account.user.model_copy(
                update={"login": {"zhaoliu": "inspector", "zhangsan": "agent"}.get(account.user.login, account.user.login)}
            )
            await users.create(tx, context, "system:bench", user, encoded, must_change=False)
        for code, body in PRODUCTS.items():
            await product_service.put(tx, context, "system:bench", code, body)
        seller = await tx.scalar(sa.select(staff_accounts.c.id).where(staff_accounts.c.login == "agent"))
    engine = sa.create_engine(sync_url(context.settings.database_url))
    if engine.dialect.name == "sqlite":
        sa.event.listen(engine, "connect", _fast)
    with engine.begin() as connection:
        is_postgresql = engine.dialect.name == "postgresql"
        if is_postgresql:
            connection.execute(sa.text("DROP INDEX ix_recording_words_tokens"))
        _write(connection, staff_accounts, _staff())
        for table, rows in _everything(context.cipher, count, str(seller)):
            _write(connection, table, rows)
        if is_postgresql:
            connection.execute(sa.text(WORDS_INDEX["postgresql"][0]))
    with engine.connect().execution_options(isolation_level="AUTOCOMMIT") as connection:
        if engine.dialect.name == "postgresql":
            connection.execute(sa.text("VACUUM ANALYZE"))  # as autovacuum does by itself
    engine.dispose()
    return True


def _fast(connection: Any, _record: Any) -> None:
    connection.executescript("PRAGMA journal_mode=WAL; PRAGMA synchronous=OFF; PRAGMA cache_size=-400000;")


def _write(connection: sa.Connection, table: sa.Table, rows: Iterable[dict[str, Any]]) -> None:
    source = iter(rows)
    while chunk := list(itertools.islice(source, 2000)):
        if connection.dialect.name == "sqlite":
            connection.execute(table.insert(), chunk)
            continue
        names = list(chunk[0])
        is_json = {name for name in names if isinstance(table.c[name].type, sa.JSON)}
        cursor = connection.connection.cursor()
        with cursor.copy(f"COPY {table.name} ({', '.join(names)}) FROM STDIN") as copy:
            for row in chunk:
                copy.write_row([orjson.dumps(v).decode() if n in is_json and v is not None else v for n, v in row.items()])


def _staff() -> Iterator[dict[str, Any]]:
    for number in range(AGENTS):
        yield {
            "id": f"usr_a{number:05d}",
            "login": f"a{number:05d}",
            "display_name": f"业务员{number:03d}",
            "roles": ["agent"],
            "status": "active",
            "password_hash": "",
            "must_change_password": False,
            "totp_last_step": 0,
            "agent_kind": "company",
            "agent_code": f"A{number:06d}",
            "company_code": "",
            "work_no": "",
            "org_code": "110101",
            "team": f"team-{number % 20}",
            "phone_masked": "",
            "channel_code": "",
            "outlet_code": "",
            "licence_no": "",
            "created_at": END,
            "updated_at": END,
        }


_STATES = (
    ["passed"] * 80
    + ["rejected"] * 4
    + ["pending_inspection"] * 4
    + ["supplementary"]
    + ["draft"] * 4
    + ["ready"] * 3
    + ["declined"] * 2
    + ["cancelled"] * 2
)
_JUDGED = {"passed": "passed", "rejected": "rejected", "pending_inspection": "queued", "supplementary": "rejected"}


def _everything(cipher: FieldCipher, count: int, seller: str) -> Iterator[tuple[sa.Table, Iterator[dict[str, Any]]]]:
    codes = list(PRODUCTS)
    dice = random.Random(11)
    state = [dice.choice(_STATES) for _ in range(count)]
    age = [timedelta(minutes=10 * (count - number)) for number in range(count)]

    def agent(number: int) -> str:
        return seller if number % 400 == 7 else f"usr_a{number * 7919 % AGENTS:05d}"

    def kind(number: int) -> str:
        return codes[number * 31 % len(codes)]

    def recorded() -> Iterator[int]:
        return (number for number in range(count) if state[number] in _JUDGED)

    yield (
        proposals,
        (
            {
                "proposal_no": f"P{n:010d}",
                "content_hash": "",
                "product_code": kind(n),
                "channel": "individual",
                "org_code": "110101",
                "region_code": "110000",
                "agent_id": agent(n),
                "coverage": "终身",
                "sum_insured_fen": 30_000_000,
                "premium": {"mode": "regular_pay", "amount_fen": 2_000_000, "frequency": "annual", "years": 10},
                "is_over_one_year": True,
                "received_at": END - age[n],
            }
            for n in range(count)
        ),
    )
    yield proposal_persons, (person for n in range(count) for person in _people(cipher, n))
    yield (
        cases,
        (
            {
                "id": f"case_{n:08d}",
                "proposal_no": f"P{n:010d}",
                "state": state[n],
                "agent_id": agent(n),
                "product_type": PRODUCTS[kind(n)].product_type.value,
                "is_elderly": n % 5 == 0,
                "has_minor": False,
                "is_supplementary": state[n] == "supplementary",
                "created_at": END - age[n],
                "updated_at": END - age[n] + timedelta(hours=n % 40),
            }
            for n in range(count)
        ),
    )
    yield (
        recordings,
        (
            {
                "id": f"rec_{n:08d}",
                "case_id": f"case_{n:08d}",
                "session_id": f"ses_{n:08d}",
                "kind": "initial",
                "state": "sealed",
                "dir": f"recordings/rec_{n:08d}",
                "meta": _meta(n),
                "started_at": END - age[n] + timedelta(minutes=30),
                "ended_at": END - age[n] + timedelta(minutes=44),
                "duration_ms": 840_000,
                "outcome": "completed",
                "finalise_attempt": 0,
                "sealed_at": END - age[n] + timedelta(minutes=50),
                "created_at": END - age[n] + timedelta(minutes=30),
            }
            for n in recorded()
        ),
    )
    yield (
        inspections,
        (
            {
                "id": f"ins_{n:08d}",
                "recording_id": f"rec_{n:08d}",
                "case_id": f"case_{n:08d}",
                "round": 1,
                "state": _JUDGED[state[n]],
                "is_supplementary": False,
                "sampled_because": ["elderly"] if n % 5 == 0 else ["random"],
                "proposal_no": f"P{n:010d}",
                "product_name": PRODUCTS[kind(n)].name,
                "product_type": PRODUCTS[kind(n)].product_type.value,
                "organisation": list(ORGANISATIONS.values())[n % 4],
                "seller_id": agent(n),
                "seller_name": f"业务员{n % AGENTS:03d}",
                "seller_team": f"team-{n % 20}",
                "recorded_at": END - age[n] + timedelta(minutes=30),
                "duration_ms": 840_000,
                "failed_checks": n % 3,
                "not_measured_checks": n % 4,
                "due_at": END - age[n] + timedelta(days=3),
                "inspector_id": f"usr_i{n % 12:05d}",
                "inspector_name": f"质检员{n % 12}",
                "note": "",
                "reason_codes": ["face_absent"] if _JUDGED[state[n]] == "rejected" else None,
                "decided_at": END - age[n] + timedelta(days=1) if _JUDGED[state[n]] != "queued" else None,
                "created_at": END - age[n],
            }
            for n in recorded()
        ),
    )
    yield (
        policies,
        (
            {
                "policy_no": f"L{n:010d}",
                "content_hash": "",
                "proposal_no": f"P{n:010d}",
                "case_id": f"case_{n:08d}",
                "recording_id": f"rec_{n:08d}",
                "rulebook_id": "S0",
                "product_type": PRODUCTS[kind(n)].product_type.value,
                "channel": "agent",
                "org_code": "110101",
                "agent_id": agent(n),
                "data_enc": "",
                "customer_hash": f"{n}",
                "cert_hash": cipher.search_hash(id_number(n)),
                "name_hash": cipher.search_hash(name_of(n)),
                "phone_hash": cipher.search_hash(phone_of(n)),
                "status": "in_force",
                "issued_at": END - age[n],
                "received_at": END - age[n],
            }
            for n in recorded()
            if state[n] == "passed"
        ),
    )
    spoken = {n: random.Random(n).sample(range(len(_FREQUENT), len(SENTENCES)), LINES - 2) for n in recorded()}
    for n, chosen in spoken.items():
        chosen += [n % len(_FREQUENT), (n * 7 + 1) % len(_FREQUENT)]
    yield recording_transcripts, (line for n, chosen in spoken.items() for line in _lines(cipher, f"rec_{n:08d}", chosen))
    hashed = [tokens_of(cipher, [sentence]) for sentence in SENTENCES]
    yield (
        recording_words,
        (
            {"no": at + 1, "recording_id": f"rec_{n:08d}", "tokens": " ".join(sorted({t for s in chosen for t in hashed[s]}))}
            for at, (n, chosen) in enumerate(spoken.items())
        ),
    )


def _people(cipher: FieldCipher, number: int) -> Iterator[dict[str, Any]]:
    for position, (role, name, cert, phone) in enumerate(
        [
            ("policyholder", name_of(number), id_number(number), phone_of(number)),
            ("insured", name_of(number + 10**6), f"X{number:09d}", f"136{number:08d}"),
        ]
    ):
        person = f"psn_{number:08d}{position}"
        data = {
            "name": name,
            "sex": "male",
            "birth_on": "1980-01-01",
            "cert_no": cert,
            "phone": phone,
            "relation": "",
            "location": "remote",
        }
        yield {
            "id": person,
            "proposal_no": f"P{number:010d}",
            "position": position,
            "roles": [role],
            "cert_type": "id_card",
            "data_enc": cipher.encrypt(orjson.dumps(data).decode(), f"proposal_persons.data:{person}"),
            "name_hash": cipher.search_hash(name),
            "phone_hash": cipher.search_hash(phone),
            "cert_hash": cipher.search_hash(cert),
        }


def _lines(cipher: FieldCipher, recording: str, chosen: list[int]) -> Iterator[dict[str, Any]]:
    for ordinal, sentence in enumerate(chosen):
        said = orjson.dumps({"text": SENTENCES[sentence], "words": []}).decode()
        yield {
            "recording_id": recording,
            "ordinal": ordinal,
            "seat_id": f"seat_{ordinal % 3}",
            "start_ms": ordinal * 9000,
            "end_ms": ordinal * 9000 + 4000,
            "engine": "ctc",
            "data_enc": cipher.encrypt(said, f"recording_transcripts.data:{recording}:{ordinal}"),
        }


def _meta(number: int) -> dict[str, Any]:
    seats: list[dict[str, Any]] = [
        {"seat_id": f"seat_{i}", "kind": "agent" if i == 0 else "customer", "label": label, "roles": [], "display_name": "王*国"}
        for i, label in enumerate(("业务员", "投保人", "被保险人"))
    ]
    nodes = [{"node_id": f"node_{i}", "title": "犹豫期与退保损失", "kind": "question", "is_critical": True} for i in range(15)]
    return {"proposal_no": f"P{number:010d}", "product_name": "示例", "seats": seats, "nodes": nodes}
