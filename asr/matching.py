"""What a written answer means: the whole text must be a phrase of the lexicon, compared by toneless syllables, negation first."""

from asr.lexicon import AnswerRules, expand
from asr.pinyin import syllables
from asr.ports import AnswerLexicon, Verdict


class TextMatcher:
    """Judges transcripts of engines that give text only."""

    def __init__(self, lexicon: AnswerLexicon, rules: AnswerRules) -> None:
        phrases = expand(lexicon, rules)
        self.texts = tuple(phrase.text for phrase in phrases)
        self._spellings: dict[tuple[str, ...], str] = {}
        for phrase in sorted(phrases, key=lambda phrase: len(phrase.sounds)):
            for length in range(1, len(phrase.sounds) + 1):
                self._spellings.setdefault(phrase.sounds[:length], phrase.text[:length])
        self._sides = {phrase.sounds: phrase.side for phrase in phrases}
        self._lead_ins = {syllables(text) for text in rules.lead_ins}
        self._negations = frozenset(rules.negation_syllables)

    def match(self, text: str) -> Verdict:
        """`AFFIRMATIVE`, `NEGATIVE`, or `UNCLEAR` for everything that is not exactly an answer."""
        sounds = syllables(text)
        while sounds and sounds not in self._sides and sounds[:1] in self._lead_ins:
            sounds = sounds[1:]
        half = len(sounds) // 2
        if half and sounds[:half] == sounds[half:] and sounds not in self._sides:
            sounds = sounds[:half]
        return self._sides.get(sounds, Verdict.UNCLEAR)

    def spell(self, text: str, *, is_whole: bool = False) -> str:
        """The lexicon's characters where a text sounds exactly like one of its phrases: 市的 → 是的.

        Args:
            is_whole: whether only whole phrases count, not the beginning of one (a running text is a beginning).
        """
        sounds = syllables(text)
        if not sounds or len(sounds) != len(text) or (is_whole and sounds not in self._sides):
            return text
        return self._spellings.get(sounds, text)

    def leans_negative(self, text: str) -> bool:
        """Whether a negation is heard anywhere in a text that is not itself an affirmative answer."""
        return self.match(text) is not Verdict.AFFIRMATIVE and any(sound in self._negations for sound in syllables(text))
