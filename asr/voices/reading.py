"""Written Chinese to spoken syllables: phrases with pauses, numbers, dates, amounts, letters, and readings of insurance words.

The result is toned pinyin (tones 1–5), which the synthesiser speaks; it is checked by tests on the pinyin text.
"""

import re
from dataclasses import dataclass

import pypinyin
import yaml

from asr.lexicon import DATA
from asr.voices.numbers import cardinal, money, one_by_one

_PAUSES = {
    "。": 450, "！": 450, "？": 450, "!": 450, "?": 450, "…": 450, "\n": 500, "；": 350, ";": 350, "：": 300, ":": 300, ".": 450,
    "，": 250, ",": 250, "、": 130, "—": 200, "（": 120, "）": 120, "(": 120, ")": 120, "《": 0, "》": 40, "“": 0, "”": 60,
    "【": 60, "】": 120, "「": 0, "」": 60, "·": 0, "‘": 0, "’": 0, '"': 0, "'": 0, "[": 60, "]": 60, " ": 0, "\t": 0, "\r": 0,
}  # fmt: skip
_SPLITS = frozenset(mark for mark, pause in _PAUSES.items() if pause >= 100)
_INSIDE_NUMBER = frozenset(",.:")
_FULL_WIDTH = {code: code - 0xFEE0 for code in range(0xFF01, 0xFF5F) if chr(code) not in "，！？；：（）"}
_HANZI = re.compile(r"[\u3400-\u9fff]+")
_MEASURES = "个位次年天份种项套人名家张条元块遍周岁小分倍页万亿千成层期支件笔组类步款部场"
_NUMBER = r"\d[\d,]*(?:\.\d+)?"
_TOKENS = re.compile(
    rf"""(?P<date>\d{{4}}[-/]\d{{1,2}}[-/]\d{{1,2}})
    |(?P<year>\d{{4}})(?=年)
    |(?P<time>\d{{1,2}}:\d{{2}}(?::\d{{2}})?)
    |(?P<percent>{_NUMBER})\s*(?P<per>[%‰])
    |[¥$]?(?P<yuan>(?<![\d.]){_NUMBER})\s*元
    |¥(?P<yen>{_NUMBER})
    |(?P<from>{_NUMBER})\s*[-~]\s*(?=\d)
    |(?P<number>{_NUMBER})
    |(?P<latin>[A-Za-z]+)
    |(?P<sign>[+&=×/@#*])""",
    re.VERBOSE,
)
_LETTERS = {
    "A": "ei1", "B": "bi4", "C": "xi1", "D": "di4", "E": "yi4", "F": "ai2 fu5", "G": "ji4", "H": "ei2 chi5", "I": "ai4",
    "J": "zhei4", "K": "kei4", "L": "ai2 lou5", "M": "ai2 mu5", "N": "en1", "O": "ou1", "P": "pi4",
    "Q": "kiu1", "R": "a4 er5", "S": "ai2 si5",
    "T": "ti4", "U": "you1", "V": "wei1", "W": "da2 bu5 liu5", "X": "ai2 ke5 si5", "Y": "wai4", "Z": "zei4",
}  # fmt: skip
_SIGNS = {"+": "加", "&": "和", "=": "等于", "×": "乘", "/": "", "@": "", "#": "", "*": ""}
_BEFORE_CODE = re.compile(
    r"(尾号|号码|编号|代码|电话|热线|拨打|致电|验证码|会议码|证号|单号|账号|卡号|手机|工号)(为|是|：|:|\s)*$"
)


@dataclass(frozen=True, slots=True)
class Phrase:
    """A stretch spoken in one breath: where it stands in the text, its pinyin, and the pause after it."""

    start: int
    end: int
    pinyin: str
    pause_ms: int


class Reader:
    """Reads texts; holds the readings of words that a dictionary gets wrong."""

    def __init__(self) -> None:
        words = yaml.safe_load((DATA / "readings.yaml").read_text(encoding="utf-8"))
        pypinyin.load_single_dict({ord("为"): "wéi,wèi"})
        pypinyin.load_phrases_dict({word: [[part] for part in reading.split()] for word, reading in words.items()})

    def phrases(self, text: str) -> tuple[Phrase, ...]:
        """Cut a text into phrases. Silent ones (punctuation alone) are merged into the pause before them."""
        clean = text.translate(_FULL_WIDTH).replace("￥", "¥").replace("％", "%").replace("～", "~")
        found: list[Phrase] = []
        for start, end, pause in _cut(clean):
            pinyin = self.pinyin(clean[start:end], before=clean[max(0, start - 8) : start])
            if pinyin:
                found.append(Phrase(start, end, pinyin, pause))
            elif found and pause > found[-1].pause_ms:
                found[-1] = Phrase(found[-1].start, found[-1].end, found[-1].pinyin, pause)
        return tuple(found)

    def pinyin(self, phrase: str, *, before: str = "") -> str:
        """Toned pinyin of one phrase; `before` is the text in front of it (a code after 尾号 is read digit by digit)."""
        parts: list[str] = []
        run = ""
        at = 0

        def close() -> None:
            nonlocal run
            if run:
                parts.append(_read(run))
            run = ""

        for match in _TOKENS.finditer(phrase):
            run += phrase[at : match.start()]
            at = match.end()
            spoken, raw = _speak(match, before + phrase[: match.start()], phrase[match.end() :])
            if raw:
                close()
                parts.append(raw)
            run += spoken
        run += phrase[at:]
        close()
        return " ".join(part for part in parts if part)


def _cut(text: str) -> list[tuple[int, int, int]]:
    pieces: list[tuple[int, int, int]] = []
    start = 0
    for at, mark in enumerate(text):
        if mark not in _SPLITS:
            continue
        if mark in _INSIDE_NUMBER and 0 < at < len(text) - 1 and text[at - 1].isdigit() and text[at + 1].isdigit():
            continue
        pieces.append((start, at, _PAUSES[mark]))
        start = at + 1
    pieces.append((start, len(text), 450))
    return pieces


def _read(run: str) -> str:
    """Chinese characters in context, everything else dropped."""
    clean = "".join(_HANZI.findall(run))
    style = pypinyin.Style.TONE3
    syllables = pypinyin.lazy_pinyin(
        clean, style=style, neutral_tone_with_five=True, tone_sandhi=True, v_to_u=False, errors="ignore"
    )
    return " ".join(syllables)


def _speak(match: re.Match[str], before: str, after: str) -> tuple[str, str]:
    """What a token says: Chinese text to be read in context, or pinyin (one of the two is empty)."""
    kind, value = match.lastgroup or "", match.group(match.lastgroup or 0)
    if kind == "date":
        year, month, day = re.split(r"[-/]", value)
        return f"年{_ordinal(month)}月{_ordinal(day)}日", one_by_one(year, yao=False)
    if kind == "year":
        return "", one_by_one(value, yao=False)
    if kind == "time":
        return _time(value), ""
    if kind == "per":
        return ("百分之" if value == "%" else "千分之") + cardinal(match.group("percent")), ""
    if kind in ("yuan", "yen"):
        return money(value), ""
    if kind == "from":
        return cardinal(value) + "至", ""
    if kind == "number":
        return _number(value, before, after)
    if kind == "latin":
        return "", " ".join(_LETTERS[letter] for letter in value.upper())
    if value == "/" and before.endswith("元"):
        return "每", ""
    return _SIGNS[value], ""


def _time(value: str) -> str:
    hour, minute, *second = value.split(":")
    text = cardinal(hour, liang=True) + "点"
    if int(minute):
        text += ("零" if int(minute) < 10 else "") + cardinal(minute) + "分"
    if second and int(second[0]):
        text += cardinal(second[0]) + "秒"
    return text


def _number(value: str, before: str, after: str) -> tuple[str, str]:
    is_plain = value.isdigit()
    is_measured = after[:1] != "" and after[0] in _MEASURES
    is_code = is_plain and (
        _BEFORE_CODE.search(before) is not None
        or (value.startswith("0") and len(value) > 1)
        or (len(value) >= 5 and not is_measured)
        or (len(value) >= 3 and before[-1:].isascii() and before[-1:].isalpha())
    )
    if is_code:
        return "", one_by_one(value)
    if before.endswith("第") or after[:1] in ("月", "日", "号", "条", "款", "级"):
        return _ordinal(value), ""
    return _keep_one(cardinal(value, liang=is_measured)), ""


def _ordinal(value: str) -> str:
    """A number in a row (month, day, 第几): its 一 keeps the first tone, its 2 is never 两."""
    return cardinal(value).replace("一", "壹")


def _keep_one(text: str) -> str:
    """一 at the end of a longer number keeps its tone (二十一个), alone it changes (一个). 壹 is never changed by tone sandhi."""
    return text[:-1] + "壹" if len(text) > 1 and text.endswith("一") else text
