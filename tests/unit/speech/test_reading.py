"""What prompts sound like, checked on the pinyin text."""

import pytest

from asr.voices.numbers import cardinal, money
from asr.voices.reading import Reader


@pytest.fixture(scope="module")
def reader() -> Reader:
    return Reader()


def said(reader: Reader, text: str) -> str:
    return " | ".join(phrase.pinyin for phrase in reader.phrases(text))


@pytest.mark.parametrize(
    ("digits", "text"),
    [
        ("0", "零"), ("2", "二"), ("10", "十"), ("12", "十二"), ("20", "二十"), ("101", "一百零一"), ("110", "一百一十"),
        ("200", "二百"), ("2000", "两千"), ("1,500", "一千五百"), ("10011", "一万零一十一"), ("20,000", "两万"),
        ("100000", "十万"), ("110000", "十一万"), ("1000000", "一百万"), ("10005000", "一千万五千"), ("200000000", "两亿"),
        ("100000001", "一亿零一"),
        ("3.5", "三点五"), ("0.05", "零点零五"), ("2.50", "二点五"), ("4.00", "四"),
    ],
)  # fmt: skip
def test_quantities(digits: str, text: str) -> None:
    assert cardinal(digits) == text


@pytest.mark.parametrize(
    ("digits", "text"),
    [
        ("20,000.00", "两万元"), ("100", "一百元"), ("2", "两元"), ("1.05", "一元零五分"), ("0.50", "五角"), ("0.05", "五分"),
        ("12,345.67", "一万两千三百四十五元六角七分"), ("0", "零元"), ("20000.5", "两万元五角"),
    ],
)  # fmt: skip
def test_amounts(digits: str, text: str) -> None:
    assert money(digits) == text


@pytest.mark.parametrize(
    ("text", "pinyin"),
    [
        ("年交保费20,000.00元", "nian2 jiao1 bao3 fei4 liang3 wan4 yuan2"),
        ("￥20,000.00元整", "liang3 wan4 yuan2 zheng3"),
        ("2026年11月22日", "er4 ling2 er4 liu4 nian2 shi2 yi1 yue4 er4 shi2 er4 ri4"),
        ("2019年1月2日", "er4 ling2 yi1 jiu3 nian2 yi1 yue4 er4 ri4"),
        ("2026-11-22", "er4 ling2 er4 liu4 nian2 shi2 yi1 yue4 er4 shi2 er4 ri4"),
        ("10:30", "shi2 dian3 san1 shi2 fen1"),
        ("14:05", "shi2 si4 dian3 ling2 wu3 fen1"),
        ("3.5%", "bai3 fen1 zhi1 san1 dian3 wu3"),
        ("3.5％", "bai3 fen1 zhi1 san1 dian3 wu3"),
        ("5‰", "qian1 fen1 zhi1 wu3"),
        ("3.5万元", "san1 dian3 wu3 wan4 yuan2"),
        ("2位被保险人", "liang3 wei4 bei4 bao3 xian3 ren2"),
        ("第2次", "di4 er4 ci4"),
        ("3-5年", "san1 zhi4 wu3 nian2"),
        ("尾号1234", "wei3 hao4 yao1 er4 san1 si4"),
        ("热线95519", "re4 xian4 jiu3 wu3 wu3 yao1 jiu3"),
        ("会议码为019283", "hui4 yi4 ma3 wei2 ling2 yao1 jiu3 er4 ba1 san1"),
        ("本产品A款", "ben3 chan3 pin3 ei1 kuan3"),
        ("给付保险金", "ji3 fu4 bao3 xian3 jin1"),
        ("重大疾病", "zhong4 da4 ji2 bing4"),
        ("重新播报", "chong2 xin1 bo1 bao4"),
        ("中国银行", "zhong1 guo2 yin2 hang2"),
        ("不是", "bu2 shi4"),
        ("率", "lv4"),
        ("第11条", "di4 shi2 yi1 tiao2"),
        ("1个21个", "yi2 ge4 er4 shi2 yi1 ge4"),
        ("缴费期间为10年", "jiao3 fei4 qi1 jian1 wei2 shi2 nian2"),
    ],
)  # fmt: skip
def test_phrases(reader: Reader, text: str, pinyin: str) -> None:
    assert said(reader, text) == pinyin


def test_punctuation_becomes_pauses(reader: Reader) -> None:
    phrases = reader.phrases("您好，请问您清楚了吗？")
    assert [phrase.pinyin for phrase in phrases] == ["nin2 hao3", "qing3 wen4 nin2 qing1 chu3 le5 ma5"]
    assert phrases[0].pause_ms < phrases[1].pause_ms


def test_phrases_point_into_the_text(reader: Reader) -> None:
    text = "保费为20,000.00元，《国寿鑫享》A款（分红型）。"
    pieces = [text[phrase.start : phrase.end] for phrase in reader.phrases(text)]
    assert pieces == ["保费为20,000.00元", "《国寿鑫享》A款", "分红型"]


def test_every_number_is_read_whatever_stands_around_it(reader: Reader) -> None:
    for text in ("共1,234.50元。", "A12号", "12", "x1.5倍", "1/2", "1.2.3", ",5,"):
        assert not any(character.isdigit() and not previous.isalpha() for previous, character in _pairs(said(reader, text)))
        assert said(reader, text)


def _pairs(text: str) -> list[tuple[str, str]]:
    return list(zip(" " + text, text, strict=False))


def test_nothing_to_say(reader: Reader) -> None:
    assert reader.phrases("。。。 ！") == ()
