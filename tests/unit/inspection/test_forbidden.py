"""Forbidden phrases: meant ones are found, denied and quoted ones are not."""

import pytest

from server.domain.forbidden import scan, shipped_lexicon, sounding
from server.domain.machine_checks import check_forbidden
from server.recordings.spoken import sound_of

SAID = [
    ("这款产品保本", ["保本"]),
    ("您放心，保证收益", ["保证收益"]),
    ("零风险，稳赚不赔", ["零风险", "稳赚不赔"]),
    ("它不仅保本，还有分红", ["保本"]),
    ("是不是保本？是的，保本", ["保本", "保本"]),
    ("就跟银行存款一样", ["银行存款"]),
    ("不买就亏了，绝对安全", ["绝对安全"]),
    # as a recogniser writes them, without commas
    ("您不用担心这款产品保本", ["保本"]),
    ("这款产品收益非常好又保本", ["保本"]),
    ("不管怎样都保证收益", ["保证收益"]),
    ("没有问题这个绝对安全", ["绝对安全"]),
]
DENIED = [
    "本产品不承诺保本",
    "我们不承诺保本，也不保证收益",
    "这不是银行存款",
    "投资连结保险并非无风险",
    "它不等于固定收益",
    "所谓保本是误导",
    "有人说“保本”，请不要相信",
    "条款里没有「保证收益」这样的说法",
    "没有任何人可以承诺不会亏损",
    "您要非常清楚这不是保本的产品",
    "我先说明非常重要的一点它不保本",
]


@pytest.mark.parametrize(("text", "phrases"), SAID)
def test_meant_phrases_are_found(text: str, phrases: list[str]) -> None:
    assert [hit.phrase for hit in scan(text, shipped_lexicon())] == phrases


@pytest.mark.parametrize("text", DENIED)
def test_denied_and_quoted_phrases_are_not(text: str) -> None:
    assert scan(text, shipped_lexicon()) == []


def test_a_double_denial_is_a_promise() -> None:
    assert [hit.phrase for hit in scan("这不是不保本的产品", shipped_lexicon())] == ["保本"]


def test_the_shipped_script_trips_nothing() -> None:
    from pathlib import Path

    import server.domain

    folder = Path(server.domain.__file__).parent / "data" / "talkscripts"
    for path in folder.glob("*.yaml"):
        text = path.read_text(encoding="utf-8")
        assert scan(text, shipped_lexicon()) == []
        assert sounding(text, shipped_lexicon(), sound_of) == []


@pytest.mark.parametrize(
    ("heard", "alike"),
    [
        ("这款产品包本", [("包本", "保本")]),
        ("稳赚不陪，放心", [("稳赚不陪", "稳赚不赔")]),
        ("本产品不承诺包本", []),
        ("本产品布承诺包本", []),  # the denial is a homophone as well
        ("所谓包本是误导", []),
        ("这款产品保本", []),  # written as it is: `scan` finds it
        ("今天天气不错", []),
    ],
)
def test_what_only_sounds_like_a_phrase_is_found_by_its_sound(heard: str, alike: list[tuple[str, str]]) -> None:
    assert sounding(heard, shipped_lexicon(), sound_of) == alike


def test_a_sound_alone_warns() -> None:
    (found,) = check_forbidden([{"seat_id": "a", "text": "放心包本的", "start_ms": 5, "end_ms": 9}], ["a"], sound_of)
    assert (found.result, found.reason, found.value["alike"]) == ("warn", "SOUNDS_LIKE", ["包本（保本）"])
    assert found.spans[0]["t0_ms"] == 5


def test_only_the_sellers_own_speech_is_judged() -> None:
    lines = [
        {"seat_id": "agent", "text": "本产品不承诺保本", "start_ms": 0, "end_ms": 900},
        {"seat_id": "customer", "text": "这个保本吗", "start_ms": 1000, "end_ms": 1900},
    ]
    assert [check.result for check in check_forbidden(lines, ["agent"], sound_of)] == ["pass"]
    lines.append({"seat_id": "agent", "text": "放心，保本的", "start_ms": 2000, "end_ms": 2900})
    (found,) = check_forbidden(lines, ["agent"], sound_of)
    assert (found.result, found.value["phrases"], found.spans[0]["t0_ms"]) == ("fail", ["保本"], 2000)


@pytest.mark.parametrize("lines", [None, []])
def test_without_a_transcript_nothing_passes(lines: list[dict[str, object]] | None) -> None:
    assert [check.result for check in check_forbidden(lines, ["agent"], sound_of)] == ["not_measured"]
