"""A text is read once: each module of the parser in turn, and none again once it is known what the text means."""

import sys
from collections import Counter
from collections.abc import Callable
from pathlib import Path
from types import FrameType

import pytest

from reminders import replies
from reminders.replies import interpret
from reminders.replies.parsing.questionnaire import ALL, PendingQuestion
from reminders.replies.parsing.utterance import SharedPhone, parse
from reminders.replies.parsing.visit_words import VisitAsked
from tests import given
from tests.delivery.sending import a_promise
from tests.replies.talking import MINUTE, a_visits_text
from tests.replies.test_inbound import PHONE, text_in
from tests.replies.test_scores import asked

FOLDER = str(Path(replies.__file__).parent)
READERS = {f"parsing.{path.stem}" for path in (Path(FOLDER) / "parsing").glob("[a-z]*.py")} | {"interpret"}
RULES = {"parsing.questionnaire", "parsing.redflags"}  # also say how bad an answer is, and how urgent a sign

BY_ITSELF = ["STOP", "please don't text me any more", "no thanks", "HELP", "1", "9", "chest pain", "can I drive?", ""]
TO_A_CHECK_IN = ["7", "9, terrible pain", "9, call me", "20 30 50", "7 no no no", "no", "7 8", "a fever", "hello"]
BESIDE_A_VISIT = ["1", "1/10", "9, I saw the nurse", "0", "yes", "I can't come"]
FROM_A_SHARED_PHONE = ["JM 5", "5", "3 ar", "JM stop", "am I too early?", "chest pain"]
BESIDE_NO_ANSWER = ["JM can I drive?", "JM chest pain", "JM 9, terrible pain"]


@pytest.fixture(scope="module", autouse=True)
def words_are_known() -> None:
    """What the lists say is looked up once for all texts, and then remembered."""
    shared = SharedPhone({1: "J.M.", 2: "A.R."}, several=True)
    for text in (*BY_ITSELF, *TO_A_CHECK_IN, *BESIDE_A_VISIT, *FROM_A_SHARED_PHONE, *BESIDE_NO_ANSWER, "U1RPUA=="):
        parse(text, phone=shared, asked=[PendingQuestion(1, 1, ALL)])
        parse(text, asked=[PendingQuestion(1, 1, ALL[1:])], visit=VisitAsked.LAST)
        parse(text)


def entered(receive: Callable[[], object]) -> tuple[Counter[str], Counter[str]]:
    """How often each module of `replies` was called from outside it: until the text was understood, and after that."""
    until, after = Counter[str](), Counter[str]()
    is_understood = False

    def look(frame: FrameType, event: str, _: object) -> None:
        nonlocal is_understood
        file = frame.f_code.co_filename
        if event == "return" and frame.f_code is interpret.hear.__code__:
            is_understood = True
        elif event == "call" and file.startswith(FOLDER) and (frame.f_back and frame.f_back.f_code.co_filename) != file:
            name = file.removeprefix(f"{FOLDER}/").removesuffix(".py").replace("/", ".")
            (after if is_understood else until)[name] += 1

    before = sys.getprofile()
    sys.setprofile(look)
    try:
        receive()
    finally:
        sys.setprofile(before)
    return until, after


def assert_read_once(until: Counter[str], after: Counter[str]) -> None:
    assert {name: number for name, number in until.items() if name in READERS and number > 1} == {}
    assert set(after) & READERS - RULES == set()
    assert set(until) >= READERS, "each of them has its turn"


@pytest.mark.parametrize("text", BY_ITSELF)
def test_a_text_by_itself_is_read_once(site, surgeon, text):
    a_promise(site, given.a_phone(PHONE), by=surgeon)

    assert_read_once(*entered(lambda: text_in(site, text)))


@pytest.mark.parametrize("text", TO_A_CHECK_IN)
def test_an_answer_to_a_check_in_is_read_once(site, surgeon, text):
    question = asked(site, surgeon)

    assert_read_once(*entered(lambda: text_in(site, text, now=question.due_at + MINUTE)))


@pytest.mark.parametrize("text", BESIDE_A_VISIT)
def test_a_digit_that_a_visits_text_offers_too_is_read_once(site, surgeon, text):
    question = asked(site, surgeon)
    a_visits_text(question, surgeon)

    assert_read_once(*entered(lambda: text_in(site, text, now=question.due_at + MINUTE)))


def a_shared_phone(site, surgeon):
    asked(site, surgeon, patient=given.a_new_patient(given.a_phone(PHONE), given_name="Jane", family_name="Moore"))
    return asked(site, surgeon)


@pytest.mark.parametrize("text", FROM_A_SHARED_PHONE)
def test_a_text_from_a_shared_phone_is_read_once(site, surgeon, text):
    question = a_shared_phone(site, surgeon)

    assert_read_once(*entered(lambda: text_in(site, text, now=question.due_at + MINUTE)))


@pytest.mark.parametrize("text", BESIDE_NO_ANSWER)
def test_initials_beside_no_answer_are_words_and_read_with_the_others_that_once_more(site, surgeon, text):
    question = a_shared_phone(site, surgeon)

    until, after = entered(lambda: text_in(site, text, now=question.due_at + MINUTE))

    assert {until[name] for name in ("interpret", "parsing.utterance", "parsing.lexicon", "parsing.whose")} == {1}
    assert max(until[name] for name in READERS) == 2
    assert set(after) & READERS - RULES == set()
