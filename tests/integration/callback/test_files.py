"""Call recordings, forms, scans, the evidence export: judged by content, encrypted, played by ranges, every look logged."""

import hashlib
import io
import json
import struct
import zipfile
from pathlib import Path
from typing import Any

import av
import numpy as np
import pypdfium2
import pytest
import sqlalchemy as sa

from server.audits.tables import audit_entries
from server.callbacks import files as callback_files_module
from server.callbacks.tables import callback_files
from server.callbacks.telephony import ByHand, Folder, TelephoneError, TelephoneSystem
from server.domain.masking import mask_phone
from storage.evidence.signing import is_signed_by, parse_published, parse_seal
from tests.integration.callback.test_desk import PHONE, all_yes, problem_case, scan, send
from tests.support.callbacks import Customer, whole_policy
from tests.support.core import Service, jpeg, pdf

WAV = {"Content-Type": "audio/wav"}


def sound(seconds: float = 20, container: str = "wav", codec: str = "pcm_s16le", rate: int = 8000) -> bytes:
    """A tone, encoded for real."""
    out = io.BytesIO()
    with av.open(out, "w", format=container) as opened:
        stream: Any = opened.add_stream(codec, rate=rate)
        count = int(seconds * rate)
        tone = (np.sin(np.arange(count) * 440 * 2 * np.pi / rate) * 8000).astype(np.int16)
        step = 960
        for start in range(0, count, step):
            frame = av.AudioFrame.from_ndarray(tone[None, start : start + step], format="s16", layout="mono")
            frame.sample_rate = rate
            frame.pts = start
            for packet in stream.encode(frame):
                opened.mux(packet)
        for packet in stream.encode(None):
            opened.mux(packet)
    return out.getvalue()


async def actions(service: Service, subject: str) -> list[str]:
    async with service.context.db.read() as tx:
        query = sa.select(audit_entries.c.action).where(audit_entries.c.subject == subject).order_by(audit_entries.c.seq)
        return [str(row.action) for row in await tx.execute(query)]


async def test_a_call_recording_is_kept_encrypted_and_played_by_ranges(service: Service) -> None:
    callback_id = await problem_case(service)
    operator = await service.sign_in("sunqi")
    data = sound(20)
    assert len(data) > 2 * callback_files_module.CHUNK, "several sealed chunks"
    path = f"/api/v1/callbacks/{callback_id}/call-recordings"
    kept = await operator.ask("POST", path, data=data, headers=WAV, status=201)
    assert (kept["kind"], kept["content_type"], kept["facts"]) == (
        "call_recording", "audio/wav", {"duration_ms": 20_000, "codec": "pcm_s16le"},
    )  # fmt: skip
    assert (kept["sha256"], kept["made_by_name"]) == (hashlib.sha256(data).hexdigest(), "孙琪")
    shown = await operator.ask("GET", f"/api/v1/callbacks/{callback_id}")
    assert [item["id"] for item in shown["files"]] == [kept["id"]]
    stored = b"".join(p.read_bytes() for p in service.context.settings.data_dir.rglob(kept["id"]) if p.is_file())
    assert stored
    assert data[:44] not in stored
    assert data[1000:1100] not in stored
    link = await operator.ask("POST", f"/api/v1/callback-files/{kept['id']}/play", status=200)
    whole = await operator.raw("GET", link["url"])
    assert (whole.status, whole.headers["Accept-Ranges"], await whole.read()) == (200, "bytes", data)
    size, chunk = len(data), callback_files_module.CHUNK
    for asked, start, end in (
        ("bytes=0-0", 0, 1), ("bytes=100-", 100, size), (f"bytes={chunk - 3}-{chunk + 2}", chunk - 3, chunk + 3),
        (f"bytes={2 * chunk}-", 2 * chunk, size), ("bytes=-7", size - 7, size),
    ):  # fmt: skip
        part = await operator.raw("GET", link["url"], headers={"Range": asked})
        assert (part.status, part.headers["Content-Range"]) == (206, f"bytes {start}-{end - 1}/{size}")
        assert await part.read() == data[start:end], asked
    await operator.refused("GET", link["url"], 416, "RANGE_INVALID", headers={"Range": f"bytes={size}-"})
    endless = await operator.raw("GET", link["url"], headers={"Range": f"bytes=0-{'9' * 5000}"})
    assert (endless.status, await endless.read()) == (200, data), "no number of a part: the whole"
    other = await service.sign_in("hegui")
    await other.refused("GET", link["url"], 403, "MEDIA_LINK_OF_OTHERS")
    await operator.refused("GET", link["url"] + "x", 403, "MEDIA_LINK_INVALID")
    service.clock.forward(minutes=31)
    await operator.refused("GET", link["url"], 403, "MEDIA_LINK_EXPIRED")
    assert [a for a in await actions(service, callback_id) if "recording" in a] == [
        "callback.call_recording_added", "callback.call_recording_played",
    ]  # fmt: skip


def huge_png() -> bytes:
    """A few bytes that say they are a picture of 40 000 × 40 000: decoded, 4.8 GB."""
    head = struct.pack(">I4sIIBBBBB", 13, b"IHDR", 40_000, 40_000, 8, 2, 0, 0, 0)
    return b"\x89PNG\r\n\x1a\n" + head + bytes(8) + b"IEND\xaeB`\x82"


async def test_uploads_are_judged_by_what_they_are(service: Service) -> None:
    callback_id = await problem_case(service)
    operator = await service.sign_in("sunqi")
    path = f"/api/v1/callbacks/{callback_id}/call-recordings"
    for body, why in (
        (b"RIFF0000WAVE no sound at all", "format"), (jpeg(), "format"), (b"#EXTM3U\nhttp://x/y.wav", "format"),
        (pdf(), "format"), (sound(0.4), "length"), (sound()[:30], "format"), (b"OggS" + bytes(400), "format"),
    ):  # fmt: skip
        assert (await operator.refused("POST", path, 422, "AUDIO_INVALID", data=body, headers=WAV))["why"] == why
    await operator.refused("POST", path, 415, "CONTENT_TYPE_UNSUPPORTED", data=sound(2), headers={"Content-Type": "text/html"})
    await operator.refused("POST", path, 422, "BODY_EMPTY", data=b"", headers=WAV)
    for container, codec, rate, expected in (("ogg", "libopus", 48000, "audio/ogg"), ("mp3", "libmp3lame", 16000, "audio/mpeg")):
        kept = await operator.ask("POST", path, data=sound(3, container, codec, rate), headers=WAV, status=201)
        assert kept["content_type"] == expected
        assert abs(kept["facts"]["duration_ms"] - 3000) < 200
    scans = f"/api/v1/callbacks/{callback_id}/scans?purpose=letter"
    for body, why in (
        (jpeg(300, 200), "small"),
        (b"%PDF-1.7 nothing", "format"),
        (sound(2), "format"),
        (b"\xff\xd8\xffxx", "format"),
        (huge_png(), "large"),
        (pdf(side_mm=40_000), "large"),
    ):
        headers = {"Content-Type": "application/octet-stream"}
        assert (await operator.refused("POST", scans, 422, "SCAN_INVALID", data=body, headers=headers))["why"] == why
    kept = await operator.ask("POST", scans, data=pdf(pages=3), headers={"Content-Type": "application/pdf"}, status=201)
    assert kept["facts"] == {"pages": 3}
    core = await service.core()
    pushed = await core.ask("POST", path, data=sound(2), headers=WAV, status=201)
    assert pushed["made_by_name"] == "", "a telephone system pushes with the core system's key"
    await operator.refused(
        "POST", "/api/v1/callbacks/cb_x/call-recordings", 404, "CALLBACK_NOT_FOUND", data=sound(2), headers=WAV
    )
    for login in ("zhangsan", "zhaoliu", "hegui"):
        someone = await service.sign_in(login)
        await someone.refused("POST", path, 403, "FORBIDDEN", data=sound(2), headers=WAV)


async def test_a_changed_or_moved_chunk_does_not_open(service: Service) -> None:
    callback_id = await problem_case(service)
    operator = await service.sign_in("sunqi")
    kept = await operator.ask("POST", f"/api/v1/callbacks/{callback_id}/call-recordings", data=sound(20), headers=WAV, status=201)
    link = await operator.ask("POST", f"/api/v1/callback-files/{kept['id']}/play", status=200)
    [stored] = [p for p in (service.context.settings.data_dir / "store" / "objects").rglob(kept["id"]) if p.is_file()]
    good = stored.read_bytes()
    async with service.context.db.read() as tx:
        facts = await tx.scalar(sa.select(callback_files.c.facts).where(callback_files.c.id == kept["id"]))
    assert facts
    width = facts["sealed_chunk"]
    swapped = good[width : 2 * width] + good[:width] + good[2 * width :]
    for bad, first in ((swapped, 0), (good[:width], callback_files_module.CHUNK), (b"v1.k0.AAAA" + good[10:], 0)):
        stored.write_bytes(bad)
        answer = await operator.raw("GET", link["url"], headers={"Range": f"bytes={first}-"})
        assert answer.status == 500, "never wrong sound"
    stored.write_bytes(good)
    assert (await operator.raw("GET", link["url"], headers={"Range": "bytes=0-99"})).status == 206


@pytest.mark.parametrize(
    ("purpose", "words"),
    [
        ("visit", ["客户回访问卷（上门面访）", "客户服务专员不得为销售人员", "投保人本人签名"]),
        ("letter", ["客户回访问卷（信函）", "尊敬的周云峰先生/女士", "亲笔签名"]),
        ("explanation", ["沟通解释件面访问卷", "回访时回答：否", "再次致电投保人"]),
        ("re_signature", ["补签名确认书", "现亲笔补签", "被保险人（或监护人）补签名"]),
    ],
)
async def test_forms_are_chinese_pdfs_with_their_own_figures(service: Service, purpose: str, words: list[str]) -> None:
    callback_id = await problem_case(service)
    operator = await service.sign_in("sunqi")
    form = await operator.ask("POST", f"/api/v1/callbacks/{callback_id}/forms", json={"purpose": purpose}, status=201)
    assert (form["kind"], form["purpose"], form["content_type"]) == ("form", purpose, "application/pdf")
    answer = await operator.raw("GET", f"/api/v1/callback-files/{form['id']}/content")
    data = await answer.read()
    assert hashlib.sha256(data).hexdigest() == form["sha256"]
    assert answer.headers["X-Content-Type-Options"] == "nosniff"
    document = pypdfium2.PdfDocument(data)
    try:
        text = "".join(page.get_textpage().get_text_bounded() for page in document).replace("\r\n", "").replace("\n", "")
    finally:
        document.close()
    for word in [*words, "00001354407808088", "守护一生重大疾病保险"]:
        assert word in text, word
    assert b"FontFile" in data, "the font is in the file"
    assert "callback.form_viewed" in await actions(service, callback_id)


async def test_the_evidence_of_one_callback_in_one_file(service: Service, tmp_path: Path) -> None:
    core = await service.core()
    service.clock.forward(days=1)
    await core.ask("POST", "/api/v1/policies", json=whole_policy(service), status=201)
    customer = Customer(service, "13700008888")
    await customer.open()
    await customer.prove_by_code()
    await customer.to_questions()
    await customer.answer(Q6="no")
    await customer.finish()
    operator = await service.sign_in("sunqi")
    view = await operator.ask("GET", f"/api/v1/callbacks/{customer.callback_id}")
    await operator.ask(
        "POST", f"/api/v1/callbacks/{customer.callback_id}/call-recordings", data=sound(5), headers=WAV, status=201
    )
    await scan(operator, customer.callback_id, "explanation")
    await send(operator, customer.callback_id, command="phone_result", result="success", answers=all_yes(view), note="已解释")
    service.clock.forward(days=5 * 365)
    officer = await service.sign_in("hegui")
    answer = await officer.raw("GET", f"/api/v1/callbacks/{customer.callback_id}/evidence.zip")
    assert answer.status == 200, "retrievable years later"
    content: dict[str, bytes] = {}
    with zipfile.ZipFile(io.BytesIO(await answer.read())) as archive:
        content = {name: archive.read(name) for name in archive.namelist()}
    manifest = json.loads(content["manifest.json"])
    assert set(manifest["files"]) | {"manifest.json", "signature.json"} == set(content)
    for name, entry in manifest["files"].items():
        assert hashlib.sha256(content[name]).hexdigest() == entry["sha256"], name
    assert (manifest["is_history_intact"], manifest["damaged"]) == (True, [])
    seal = parse_seal(content["signature.json"])
    keys = parse_published((service.context.settings.data_dir / "seal-keys" / "keys.json").read_bytes())
    assert is_signed_by(seal, keys[seal.statement["key_id"]])
    assert seal.statement["manifest_sha256"] == hashlib.sha256(content["manifest.json"]).hexdigest()
    kinds = {name.split("-", 1)[1] for name in content if name.startswith("pages/")}
    assert kinds == {f"{k}.json" for k in ("identity", "notice", "questionnaire", "confirm", "signature", "result")}
    events = [event["kind"] for event in json.loads(content["events.json"])]
    assert events[-1] == "succeeded"
    [session] = json.loads(content["identity.json"])
    assert (session["method"], session["proof"]["phone_masked"]) == ("sms_code", mask_phone(PHONE))
    assert content["signature.png"].startswith(b"\x89PNG")
    assert len([name for name in content if name.startswith("files/")]) == 2
    document = pypdfium2.PdfDocument(content["report.pdf"])
    try:
        text = "".join(page.get_textpage().get_text_bounded() for page in document)
    finally:
        document.close()
    in_words = ("客户：确认须知", "规则：回访须知（S1.E10）")
    for word in ("回访成功（电话回访）", "短信验证码", "哈希链核验通过", "投保人电子签名", "周云峰", *in_words):
        assert word in text.replace("\r\n", ""), word
    assert "notice_confirmed" not in text, "the trace reads in words; events.json keeps it as it is"
    assert "callback.evidence_exported" in await actions(service, customer.callback_id)
    for login in ("zhangsan", "zhaoliu"):
        someone = await service.sign_in(login)
        await someone.refused("GET", f"/api/v1/callbacks/{customer.callback_id}/evidence.zip", 403, "FORBIDDEN")


async def test_a_recording_comes_from_the_telephone_system(service: Service, tmp_path: Path) -> None:
    callback_id = await problem_case(service)
    operator = await service.sign_in("sunqi")
    path = f"/api/v1/callbacks/{callback_id}/call-recordings/fetch"
    await operator.refused("POST", path, 404, "CALL_RECORDING_NOT_FOUND", json={"reference": "call-7"})
    service.context.settings.telephone_recordings_dir = tmp_path
    (tmp_path / "call-7.wav").write_bytes(sound(2))
    (tmp_path / "call-8.wav").write_bytes(b"no sound")
    kept = await operator.ask("POST", path, json={"reference": "call-7"}, status=201)
    assert (kept["content_type"], kept["facts"]["duration_ms"]) == ("audio/wav", 2000)
    await operator.refused("POST", path, 422, "AUDIO_INVALID", json={"reference": "call-8"})
    await operator.refused("POST", path, 422, "REQUEST_INVALID", json={"reference": "../secret"})


async def test_telephone_adapters_keep_the_port(tmp_path: Path) -> None:
    (tmp_path / "call-7.wav").write_bytes(sound(1))
    adapters: list[TelephoneSystem] = [ByHand(), Folder(tmp_path)]
    for adapter in adapters:
        assert adapter.can_dial is False
        with pytest.raises(TelephoneError, match="TELEPHONE_BY_HAND"):
            await adapter.dial("usr_1", "13700000000", "call-7")
        assert await adapter.recording("call-8") is None
    assert await adapters[1].recording("call-7") == sound(1)
    with pytest.raises(TelephoneError, match="REFERENCE"):
        await adapters[1].recording("../secret")
