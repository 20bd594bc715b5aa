"""Measure the closed-answer verdicts: right, asked again, and wrong, on human recordings through Opus and room noise.

    python -m scripts.bench.speech [--words FOLDER] [--syllables FOLDER] [--sample 2000] [--show]

Without options it uses the short answers and sentences of the test data. `--words` is a folder of single words said by a person
(`cmn-<word>.mp3`), `--syllables` one of single syllables (`cmn-<pinyin><tone>.mp3`), from which answers are spliced together; the
figures in docs/speech.md used the Shtooka collection cmn-caen-tan and the syllable set of github.com/hugolpz/audio-cmn.
The last line is `RESULT {json}`.
"""

import argparse
import json
import random
import re
import sys
import time
from collections import Counter, defaultdict
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import pypinyin

from asr.lexicon import default_lexicon, default_rules
from asr.matching import TextMatcher
from asr.pinyin import syllables
from asr.ports import AnswerResult, Verdict
from tests.support import speech as kit
from tests.support.speech_engines import engines, listen

Samples = kit.Samples


@dataclass(frozen=True, slots=True)
class Case:
    """One utterance and what its verdict should be (`UNCLEAR` = anything but an answer)."""

    group: str
    text: str
    expected: Verdict
    samples: Samples


class Bench:
    """The engines with the default lexicon."""

    def __init__(self) -> None:
        self.lexicon = default_lexicon()
        self.matcher = TextMatcher(self.lexicon, default_rules())
        self._judge = engines().judge()

    def listen(self, samples: Samples) -> AnswerResult:
        """Put an utterance through the whole path of an answer."""
        return listen(self._judge, samples)


def clip_cases(bench: Bench) -> Iterator[Case]:
    """The short answers, their spliced negations, and sentences that are no answers."""
    texts = kit.transcripts()
    words: dict[str, Samples] = {}
    for path, text in texts.items():
        if path.startswith("short_answers/"):
            words[text] = kit.clip(path)
            yield Case("answers", text, bench.matcher.match(text), words[text])
        else:
            samples = kit.clip(path)
            yield Case("sentences", text[:12], Verdict.UNCLEAR, samples[: 16_000 * 8])
            yield from _pieces(path, samples)
    for text, samples in words.items():
        if bench.matcher.match(text) is Verdict.AFFIRMATIVE:
            for gap in (0, 40):
                yield Case("negations", f"不{text}", Verdict.NEGATIVE, kit.splice(words["不"], samples, gap_ms=gap))
                yield Case("negations", f"没有{text}", Verdict.NEGATIVE, kit.splice(words["没有"], samples, gap_ms=gap))
    for text in ("清楚", "明白", "同意", "知道", "愿意"):
        yield Case("combined", f"是的{text}", Verdict.AFFIRMATIVE, kit.splice(words["是的"], words[text], gap_ms=80))
    for seed in range(5):
        yield Case("noise", "noise", Verdict.UNCLEAR, kit.room_noise(2500, 300.0, seed=seed))


def _pieces(name: str, samples: Samples) -> Iterator[Case]:
    """Pieces of half a second to 1.2 s cut out of sentences: speech that is no answer."""
    generator = random.Random(name)
    for _ in range(4):
        length = generator.randrange(8_000, 20_000)
        if len(samples) > length + 8_000:
            at = generator.randrange(4_000, len(samples) - length)
            yield Case("pieces", name, Verdict.UNCLEAR, samples[at : at + length])


def word_cases(bench: Bench, folder: Path, sample: int) -> Iterator[Case]:
    """Single words of one voice: those of the lexicon, all with a negation in them, and a sample of the others."""
    files = {match[1]: path for path in folder.iterdir() if (match := re.fullmatch(r"cmn-([\u4e00-\u9fff]+)\.mp3", path.name))}
    known = {word for word in files if bench.matcher.match(word) is not Verdict.UNCLEAR}
    exact = {word for word in known if word in (*bench.lexicon.affirmative, *bench.lexicon.negative)}
    for word in sorted(exact):
        yield Case("words of the lexicon", word, bench.matcher.match(word), kit.load(files[word]))
    for word in sorted(exact):
        if bench.matcher.match(word) is Verdict.AFFIRMATIVE and not word.startswith(("没", "不")):
            for negation in ("不", "没"):
                spliced = kit.splice(kit.load(files[negation]), kit.load(files[word]))
                yield Case("negations of words", negation + word, Verdict.NEGATIVE, spliced)
    others = sorted(set(files) - known)
    negated = [word for word in others if re.search("[不没]", word)]
    for word in negated:
        yield Case("words with 不 or 没", word, Verdict.UNCLEAR, kit.load(files[word]))
    for word in random.Random(1).sample([word for word in others if word not in negated], min(sample, len(others))):
        yield Case("other words", word, Verdict.UNCLEAR, kit.load(files[word]))


def syllable_cases(bench: Bench, folder: Path) -> Iterator[Case]:
    """Answers of a second voice spliced from single syllables (an unnatural, hard test)."""
    for text in (*bench.lexicon.affirmative, *bench.lexicon.negative):
        if not 1 < len(syllables(text)) <= 4:
            continue
        style = pypinyin.Style.TONE3
        toned = pypinyin.lazy_pinyin(text, style=style, tone_sandhi=True, neutral_tone_with_five=True)
        paths = [folder / f"cmn-{name}.mp3" for name in toned]
        paths = [path if path.is_file() else path.with_name(path.name.replace("5.", ".")) for path in paths]
        if all(path.is_file() for path in paths):
            side = bench.matcher.match(text)
            parts = [kit.voiced(kit.load(path)) for path in paths]
            yield Case(
                f"spliced syllables, {side.value}", text, side, np.concatenate([part[: 16_000 * 32 // 100] for part in parts])
            )


def outcome(case: Case, result: AnswerResult) -> str:
    """`right`, `again` (asked again), `wrong`, or the two ways to accept what was no answer."""
    if case.expected is Verdict.UNCLEAR:
        accepted = result.verdict in (Verdict.AFFIRMATIVE, Verdict.NEGATIVE)
        return f"accepted_{result.verdict.value}" if accepted else "right"
    if result.verdict is case.expected:
        return "right"
    return "again" if result.verdict in (Verdict.UNCLEAR, Verdict.SILENT) else "wrong"


def main() -> int:
    """Run and print."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--words", type=Path)
    parser.add_argument("--syllables", type=Path)
    parser.add_argument("--sample", type=int, default=2000)
    parser.add_argument("--show", action="store_true", help="print every case that is not right")
    options = parser.parse_args()
    bench = Bench()
    cases = [*clip_cases(bench)]
    if options.words:
        cases += word_cases(bench, options.words, options.sample)
    if options.syllables:
        cases += syllable_cases(bench, options.syllables)
    changes: dict[str, Callable[[Samples], Samples]] = {
        "clean": lambda samples: samples,
        "15 dB": lambda samples: kit.noisy(samples, 15.0),
    }
    counts: dict[str, Counter[str]] = defaultdict(Counter)
    start, spoken = time.perf_counter(), 0.0
    for name, change in changes.items():
        for case in cases:
            if case.group == "other words" and name != "clean":
                continue
            result = bench.listen(change(case.samples))
            spoken += len(case.samples) / 16_000 + 1.9
            what = outcome(case, result)
            counts[f"{case.group} | {name}"][what] += 1
            if options.show and what != "right":
                heard = f"{result.verdict} {result.phrase} {result.confidence} {result.margin} {result.reasons}"
                print(f"{case.group} | {name} | {case.text}: {what} {heard}")
    for group, count in counts.items():
        total = count.total()
        print(f"{group}: {total} cases, " + ", ".join(f"{what} {n} ({n / total:.1%})" for what, n in count.most_common()))
    elapsed = time.perf_counter() - start
    print(
        "RESULT "
        + json.dumps(
            {"rtf": round(elapsed / spoken, 4), **{group: dict(count) for group, count in counts.items()}}, ensure_ascii=False
        )
    )
    return 0


if __name__ == "__main__":
    sys.exit(main())
