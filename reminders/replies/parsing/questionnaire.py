"""The four questions of a check-in: how a text answers them, and which answers must not wait. Pure.

Each yes and no has digits of its own, so that none can be taken for a pain from 0 to 10, for a visit's 1, 2, 3 or 9,
for a fever of 38 to 42, or for the answer to another question, however late or however often it comes.

7 · my pain is 7           the pain alone: read by scores.py
20 · 31 · 20 30 50         by their own digits, in any order
no · sí                    the one question that was asked last
7 no no no · 7, 2 2 2      all that is open, in the order it is asked: 1 yes, 0 or 2 no
7 no · 1 · maybe           nothing: asked again, or a person reads it
"""

import re
from collections.abc import Iterable, Sequence
from dataclasses import asdict, dataclass
from enum import StrEnum
from functools import cache

from reminders.replies.parsing import lexicon
from reminders.replies.parsing.lexicon import NormalizedText, word_set
from reminders.replies.parsing.meaning import Intent, Meaning
from reminders.replies.parsing.scores import AROUND, ODD, WORST, Score


class Ask(StrEnum):
    PAIN = "pain"
    WOUND = "wound"
    LEGS = "legs"
    BLADDER = "bladder"


ALL = tuple(Ask)
CODES = {"2": Ask.WOUND, "3": Ask.LEGS, "5": Ask.BLADDER}  # the first of two digits; the second: 1 yes, 0 no
HIGH = 8  # pain that somebody must see today
FAR_WORSE = 4  # so much more than the last time: suddenly far worse
SIGNS = {  # class and code, as words/en.yaml names them
    Ask.PAIN: ("D", "pain"),
    Ask.WOUND: ("D", "wound"),
    Ask.LEGS: ("D", "weak_leg"),
    Ask.BLADDER: ("E", "cauda_equina"),
}
MOST = 6  # words of a text that may be an answer
ACTED_ON = (Intent.URGENT, Intent.STOP, Intent.REFUSAL, Intent.START, Intent.HELP)


@dataclass(frozen=True, slots=True)
class Answers:
    """None: not answered. The last three are yes (trouble) or no."""

    pain: int | None = None
    wound: bool | None = None
    legs: bool | None = None
    bladder: bool | None = None

    @property
    def given(self) -> dict[Ask, int | bool]:
        """The questions that were answered, with their answers."""
        return {Ask(name): value for name, value in asdict(self).items() if value is not None}

    @property
    def missing(self) -> tuple[Ask, ...]:
        """The questions that are still open, in the order they are asked."""
        return tuple(ask for ask in ALL if ask not in self.given)


@dataclass(frozen=True, slots=True)
class PendingQuestion:
    """A question that left and waits for an answer. `missing`: what is open of it, in the order it is asked.

    `key`: anything that tells it from the others; `patient`: whom it is about. `last_pain`: of the check-in before.
    """

    key: int
    patient: int
    missing: tuple[Ask, ...] = (Ask.PAIN,)
    is_check_in: bool = True
    last_pain: int | None = None


@dataclass(frozen=True, slots=True)
class Reading:
    """What a text answers. `to`: the key of the question that is meant; None: of several open ones nobody guesses.

    `answers` None: it is no certain answer to that one. `more`: it says more than that, and a person reads it.
    `seen`: class and code of what must not wait in these answers. `is_bare_digit`: 0, 1 or 2 where other digits were
    offered for a yes or no. `looks_like_an_answer`: nothing but numbers, yes and no, whatever it is they answer.
    """

    to: int | None = None
    answers: Answers | None = None
    more: bool = False
    seen: tuple[tuple[str, str], ...] = ()
    is_bare_digit: bool = False
    looks_like_an_answer: bool = False


NOTHING = Reading()


def read(words: NormalizedText, *, found: Meaning, score: Score, asked: Sequence[PendingQuestion]) -> Reading:
    """Find the open question that a text answers, and how.

    `found` and `score`: what the words mean by themselves. `asked`: all that is open for whoever may have written them.
    """
    looks = looks_like_an_answer(words)
    question, answers, more = _answer(words, found, score, asked)
    if question is None:
        return Reading(looks_like_an_answer=looks)
    bad = seen(answers, last_pain=question.last_pain) if answers and question.is_check_in else []
    digit = words.text.strip(" .!") in ("0", "1", "2") and question.missing[0] is not Ask.PAIN
    return Reading(question.key, answers, more, tuple(bad), is_bare_digit=digit, looks_like_an_answer=looks)


def _answer(
    words: NormalizedText, found: Meaning, score: Score, asked: Sequence[PendingQuestion]
) -> tuple[PendingQuestion | None, Answers | None, bool]:
    """Yes, no and its own digits can only be meant for a check-in. `9, terrible pain`: the pain is kept, and more."""
    only = asked[0] if len(asked) == 1 else None
    has_begun = only is not None and Ask.PAIN in only.missing and score.opening is not None
    begun = (only, Answers(pain=score.opening), True) if has_begun else None
    if found.intent in ACTED_ON:
        return begun if begun and found.intent == Intent.URGENT else (None, None, False)
    check_ins = [question for question in asked if question.is_check_in]
    if len(check_ins) == 1 and (answers := certain(words, check_ins[0].missing)):
        return check_ins[0], answers, False
    if found.intent == Intent.SCORE:
        return only, Answers(pain=found.score), False
    return begun or (only, None, False)


def certain(words: NormalizedText, missing: Sequence[Ask]) -> Answers | None:
    """The answers that leave no doubt; None: there are none. `missing`: what is open, in the order it is asked."""
    said = _said(words.folded)
    if not said:
        return None
    return _by_code(said, missing) or _all_of_them(said, missing) or _one_word(said, missing)


def looks_like_an_answer(words: NormalizedText) -> bool:
    """Nothing but numbers, yes and no, and small words around them: somebody answers, whatever it is they answer."""
    flat = re.sub(r"[^\w]+", " ", words.folded).split()
    said = [word for word in flat if word not in _small_words()]
    return 0 < len(said) <= MOST and all(_is_known(word) for word in said)


def seen(answers: Answers, *, last_pain: int | None) -> list[tuple[str, str]]:
    """Class and code of each answer that must not wait, the worst first. `last_pain`: of the check-in before."""
    found = [SIGNS[ask] for ask, value in answers.given.items() if _is_bad(ask, value, last_pain)]
    return sorted(found, key=lambda sign: list(SIGNS.values()).index(sign), reverse=True)


def is_worse(new: int | bool, old: int | bool | None) -> bool:
    """A correction towards trouble counts; one away from it is for a person."""
    return old is None or new > old


def _is_bad(ask: Ask, value: int | bool, last_pain: int | None) -> bool:
    if ask is not Ask.PAIN:
        return bool(value)
    return value >= HIGH or (last_pain is not None and value - last_pain >= FAR_WORSE)


def _said(folded: str) -> list[str]:
    """Its words; empty where one of them is unknown, or a number is not simply that number."""
    flat = re.sub(r"(\d{1,2}) ?/ ?10\b", r"\1", folded)
    if re.fullmatch(r"\s*\d{1,2}(,\d){2,3}\s*", flat):  # 7,2,2,2 is a list; 7,5 is a fraction
        flat = flat.replace(",", " ")
    if ODD.match(flat):
        return []
    said = [word for word in re.split(r"[\s,;.!]+", flat.strip(AROUND)) if word and word not in _polite()]
    return said if all(_is_known(word) for word in said) else []


def _by_code(said: Sequence[str], missing: Sequence[Ask]) -> Answers | None:
    """`20 30 50`, and `7 20 30 50` while the pain is open. A question answered both ways is not answered."""
    pain = _number(said[0]) if Ask.PAIN in missing and len(said) > 1 else None
    coded = said[1:] if pain is not None else said
    told = {_coded(word) for word in coded}
    if None in told or len({pair[0] for pair in told if pair}) < len(told):
        return None
    return Answers(pain=pain, **{pair[0].value: pair[1] for pair in told if pair})


def _all_of_them(said: Sequence[str], missing: Sequence[Ask]) -> Answers | None:
    if len(said) < 2 or len(said) != len(missing):
        return None
    told = {
        ask.value: _number(word) if ask is Ask.PAIN else _loosely(word) for ask, word in zip(missing, said, strict=True)
    }
    return None if None in told.values() else Answers(**told)  # type: ignore[arg-type]  # by the names of ALL


def _one_word(said: Sequence[str], missing: Sequence[Ask]) -> Answers | None:
    """A bare digit is not among them: it may be a pain, or meant for a visit."""
    if len(said) != 1 or not missing or missing[0] is Ask.PAIN or said[0].isdecimal():
        return None
    value = _loosely(said[0])
    return None if value is None else Answers(**{missing[0].value: value})


def _coded(word: str) -> tuple[Ask, bool] | None:
    if len(word) != 2 or word[0] not in CODES or word[1] not in "01":
        return None
    return CODES[word[0]], word[1] == "1"


def _loosely(word: str) -> bool | None:
    if word in word_set("said_yes") or word == "1":
        return True
    return False if word in word_set("said_no") or word in ("0", "2") else None


def _number(word: str) -> int | None:
    value = lexicon.known().values.get(word)
    return int(value) if value is not None and value in range(WORST + 1) else None


def _is_known(word: str) -> bool:
    return (
        word.isdecimal()
        or word in lexicon.known().values
        or word in word_set("said_yes")
        or word in word_set("said_no")
    )


@cache
def _polite() -> frozenset[str]:
    return _without_answers(word_set("polite"))


@cache
def _small_words() -> frozenset[str]:
    return _without_answers(
        word_set("polite") | word_set("beside_a_score") | word_set("between_numbers") | word_set("corrects")
    )


def _without_answers(small: Iterable[str]) -> frozenset[str]:
    """In Spanish "sí" is politeness after an answer, and an answer by itself."""
    return frozenset(small) - word_set("said_yes") - word_set("said_no")
