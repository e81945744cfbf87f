"""What a text means by itself, as tests ask for it: through the same parser that a text which comes in goes through."""

from reminders.replies.parsing import lexicon
from reminders.replies.parsing.lexicon import NormalizedText
from reminders.replies.parsing.questionnaire import PendingQuestion
from reminders.replies.parsing.utterance import Utterance, parse

FOR_A_NUMBER = PendingQuestion(key=1, patient=1, is_check_in=False)


def meaning(text: str, *, score_expected: bool = False) -> Utterance:
    """`score_expected`: exactly one question for a number from 0 to 10 is open."""
    return parse(text, asked=[FOR_A_NUMBER] if score_expected else [])


def words(text: str) -> NormalizedText:
    return lexicon.normalize(text)[0]
