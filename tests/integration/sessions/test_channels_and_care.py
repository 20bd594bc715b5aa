"""What channel and age change in a session, from the core system's proposal to what is spoken: nodes, prescribed words, pace."""

import asyncio
from pathlib import Path
from typing import Any

import av

from asr.voices.studio import Studio
from server.domain.session_setup import Setup
from server.sessions.hub import HUB
from tests.support.core import person
from tests.support.session_service import Live

BANK = {"channel": "bank", "org_code": "110102", "agent_code": "B200001"}
HOLDER, INSURED = "13700000001", "13700000002"


async def setup_of(live: Live, login: str, number: str, **changes: Any) -> Setup:
    """Create a session the usual way; what it froze."""
    agent = await live.service.sign_in(login)
    created = await live.create(agent, await live.ready_case(agent, number, **changes))
    actor = await live.service.server.app[HUB].get(created["session_id"])
    assert actor is not None
    return actor.state.setup


def words(setup: Setup, node_id: str) -> str:
    """What the system says and the agent is given to say at a node; empty where there is no such node."""
    return next((f"{node.prompt_text}{node.agent_text}" for node in setup.nodes if node.node_id == node_id), "")


async def test_the_bank_channel_has_its_own_node_and_words(live: Live) -> None:
    bank = await setup_of(live, "lisi", "P2026990001", **BANK)
    company = await setup_of(live, "zhangsan", "P2026990002")
    assert "银行只是代理销售，不承担产品的承保和兑付责任" in words(bank, "bank_channel")
    assert words(company, "bank_channel") == ""
    assert "不是银行存款" in words(bank, "product_nature")
    assert f"我是{bank.agent.institution_name}的李思" in words(bank, "agent_identity")
    assert bank.agent.institution_name != company.agent.institution_name
    for setup in (bank, company):  # nothing of the prescribed is lost in either channel
        assert "录音录像" in words(setup, "recording_consent")
        assert "承诺与书面材料不一致" in words(setup, "prescribed_reminder")
        assert [node.node_id for node in setup.nodes][:2] == ["recording_consent", "prescribed_reminder"]


async def test_an_elder_is_asked_once_more_and_hears_slower_prompts(live: Live, tmp_path: Path) -> None:
    studio, made = Studio(tmp_path / "prompts", wanted="espeak", recordings=None), asyncio.Queue[dict[str, Any]]()

    async def speak(params: dict[str, Any]) -> dict[str, Any]:
        prompt = await asyncio.to_thread(studio.prepare, params["text"], rate=params["rate"])
        await made.put({**params, "path": prompt.path})
        wire = {"path": str(prompt.path), "sha256": prompt.sha256, "duration_ms": prompt.duration_ms, "voice": prompt.voice}
        return {**wire, "marks": [list(mark) for mark in prompt.marks], "is_synthetic": prompt.is_synthetic}

    live.engines.speech.rpc.method("prompt.prepare", speak)

    async def first_prompts() -> dict[str, float]:
        """Text and length in seconds of the two prompts that are ready before the red button, read from the files."""
        found: dict[str, float] = {}
        async with asyncio.timeout(60):
            while len(found) < 2:
                prompt = await made.get()
                with av.open(str(prompt["path"])) as file:
                    assert file.duration is not None
                    found[prompt["text"]] = file.duration / 1_000_000
        return found

    elder = [
        person("赵德明", ["policyholder"], age=66, order=1, phone=HOLDER),
        person("李梅", ["insured"], sex="female", age=43, order=2, phone=INSURED),
    ]
    young = await setup_of(live, "zhangsan", "P2026990001")
    normal = await first_prompts()
    old = await setup_of(live, "zhangsan", "P2026990002", persons=elder)
    slow = await first_prompts()
    assert normal.keys() == slow.keys()
    for text, seconds in normal.items():
        assert slow[text] > 1.15 * seconds, text
    assert "考虑到您的年龄" in words(old, "elderly_care")
    assert words(young, "elderly_care") == ""
    holder, insured = old.required()
    assert (old.has_care(holder), old.has_care(insured)) == (True, False), "large letters are the elder's own"
