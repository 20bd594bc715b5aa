"""Lexicons, negation safety and the arithmetic of the scorer, without any model."""

import itertools
from functools import cache

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from asr.ctc import forward, free_path, greedy
from asr.lexicon import default_lexicon, default_rules, default_thresholds, expand
from asr.matching import TextMatcher
from asr.pinyin import SyllableSums, syllables
from asr.ports import AnswerLexicon, Verdict
from asr.scorer import AnswerScorer

AFFIRMATIVE = default_lexicon().affirmative
NEGATED = st.sampled_from([text for text in AFFIRMATIVE if len(syllables(text)) <= 4 and not text.startswith(("没", "不"))])


@cache
def default_matcher() -> TextMatcher:
    return TextMatcher(default_lexicon(), default_rules())


@pytest.fixture(scope="module")
def matcher() -> TextMatcher:
    return default_matcher()


@pytest.mark.parametrize(
    "text", ["是", "是的", "清楚", "明白了", "同意", "我同意", "都清楚", "嗯，是的", "好的好的", "没有问题", "愿意", "确认"]
)
def test_affirmative_texts(matcher: TextMatcher, text: str) -> None:
    assert matcher.match(text) is Verdict.AFFIRMATIVE


@pytest.mark.parametrize(
    "text",
    [
        "不",
        "不是",
        "没有",
        "不清楚",
        "我不清楚",
        "不明白",
        "不同意",
        "不太清楚",
        "没听清楚",
        "拒绝",
        "反对",
        "有问题",
        "不是清楚",
    ],
)
def test_negative_texts(matcher: TextMatcher, text: str) -> None:
    assert matcher.match(text) is Verdict.NEGATIVE


@pytest.mark.parametrize("text", ["", "今天天气很好", "清楚吗", "是不是", "你清楚的事情不同意", "嗯", "请再说一遍"])
def test_everything_else_is_unclear(matcher: TextMatcher, text: str) -> None:
    assert matcher.match(text) is Verdict.UNCLEAR


@settings(deadline=None)
@given(NEGATED, st.sampled_from(["不", "没", "没有", "不太"]))
def test_a_negated_yes_is_never_a_yes(text: str, negator: str) -> None:
    exempt = syllables(negator + text) in {syllables(phrase) for phrase in AFFIRMATIVE}
    assert exempt or default_matcher().match(negator + text) is not Verdict.AFFIRMATIVE


def test_negations_of_a_questions_own_phrases_are_added() -> None:
    lexicon = AnswerLexicon(("已读完",), ("没读",))
    sides = {phrase.text: phrase.side for phrase in expand(lexicon, default_rules())}
    assert sides["不已读完"] is Verdict.NEGATIVE
    assert sides["已读完"] is Verdict.AFFIRMATIVE


def test_natural_variants_of_a_questions_own_phrases_count() -> None:
    matcher = TextMatcher(AnswerLexicon(("清楚", "同意"), ("不清楚",)), default_rules())
    for text in ("我清楚了", "都清楚", "是的我同意", "嗯，我都清楚了", "同意的"):
        assert matcher.match(text) is Verdict.AFFIRMATIVE, text
    for text in ("我还不清楚", "我不同意", "不太清楚"):
        assert matcher.match(text) is Verdict.NEGATIVE, text
    for text in ("好的", "清楚吗", "你清楚"):
        assert matcher.match(text) is Verdict.UNCLEAR, text


def test_a_sound_on_both_sides_counts_as_no() -> None:
    phrases = expand(AnswerLexicon(("事", "好"), ("是",)), default_rules())
    assert {phrase.sounds: phrase.side for phrase in phrases}[("shi",)] is Verdict.NEGATIVE


def test_spelling_follows_the_lexicon(matcher: TextMatcher) -> None:
    assert matcher.spell("市的") == "是的"
    assert matcher.spell("步青") == "不清"
    assert matcher.spell("天气") == "天气"


@given(st.integers(0, 10_000), st.lists(st.integers(1, 3), min_size=1, max_size=3))
def test_forward_score_is_the_sum_over_all_paths(seed: int, phrase: list[int]) -> None:
    generator = np.random.default_rng(seed)
    probs = generator.dirichlet(np.ones(4), size=5)
    total = 0.0
    for path in itertools.product(range(4), repeat=5):
        collapsed = [label for label, _ in itertools.groupby(path)]
        if [label for label in collapsed if label] == phrase:
            total += float(np.prod([probs[step, label] for step, label in enumerate(path)]))
    score = float(forward(np.log(probs), [tuple(phrase), (1,)])[0])
    assert np.exp(score) == pytest.approx(total, abs=1e-9)


def test_free_path_and_greedy() -> None:
    probs = np.log(np.array([[0.1, 0.8, 0.1], [0.1, 0.9, 0.0001], [0.9, 0.05, 0.05], [0.2, 0.7, 0.1]]))
    assert free_path(probs) == pytest.approx(np.log(0.8 * 0.9 * 0.9 * 0.7))
    assert greedy(probs) == [(1, 1), (1, 3)]


TOKENS = ("<blank>", "<unk>", "是", "的", "不", "清", "楚", "请", "今", "天")


def log_probs(*steps: dict[str, float]) -> np.ndarray[tuple[int, ...], np.dtype[np.float32]]:
    rows = np.full((len(steps), len(TOKENS)), 1e-6)
    for row, step in zip(rows, steps, strict=True):
        for token, chance in step.items():
            row[TOKENS.index(token)] = chance
        row[0] += max(0.0, 1 - row.sum())
    result: np.ndarray[tuple[int, ...], np.dtype[np.float32]] = np.log(rows).astype(np.float32)
    return result


@pytest.fixture(scope="module")
def scorer() -> AnswerScorer:
    return AnswerScorer(TOKENS, default_rules(), default_thresholds())


def spoken(*tokens: str, chance: float = 0.95) -> list[dict[str, float]]:
    return [step for token in tokens for step in ({token: chance}, {"<blank>": 0.99})]


def test_homophones_are_summed() -> None:
    sums = SyllableSums(TOKENS)
    summed = np.exp(sums(log_probs({"清": 0.4, "请": 0.5})))
    assert summed[0, sums.index["qing"]] == pytest.approx(0.9, abs=1e-3)


@pytest.mark.parametrize(
    ("tokens", "verdict", "phrase"),
    [
        (["是", "的"], Verdict.AFFIRMATIVE, "是的"),
        (["清", "楚"], Verdict.AFFIRMATIVE, "清楚"),
        (["清", "楚", "清", "楚"], Verdict.AFFIRMATIVE, "清楚"),
        (["不", "清", "楚"], Verdict.NEGATIVE, "不清楚"),
        (["不", "是"], Verdict.NEGATIVE, "不是"),
    ],
)
def test_clear_answers(scorer: AnswerScorer, tokens: list[str], verdict: Verdict, phrase: str) -> None:
    score = scorer.score(log_probs(*spoken(*tokens)), scorer.compile(default_lexicon()))
    assert (score.verdict, score.phrase) == (verdict, phrase)
    assert score.confidence > 0.8


def test_a_faint_negation_takes_the_yes_away(scorer: AnswerScorer) -> None:
    steps = [{"不": 0.3}, {"<blank>": 0.99}, *spoken("清", "楚")]
    score = scorer.score(log_probs(*steps), scorer.compile(default_lexicon()))
    assert score.verdict is Verdict.UNCLEAR
    assert {"negation_heard", "small_margin"} & set(score.reasons)


def test_other_speech_is_unclear(scorer: AnswerScorer) -> None:
    score = scorer.score(log_probs(*spoken("今", "天", "是")), scorer.compile(default_lexicon()))
    assert score.verdict is Verdict.UNCLEAR


def test_nothing_is_unclear(scorer: AnswerScorer) -> None:
    empty = np.zeros((0, len(TOKENS)), np.float32)
    assert scorer.score(empty, scorer.compile(default_lexicon())).verdict is Verdict.UNCLEAR
