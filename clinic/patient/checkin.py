"""The check-in on the patient's page: the questions still open, and what must be said to the answers at once."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime

from clinic.patient.page_texts import Words
from patients import phones
from patients.models import Site, Surgery
from reminders.replies.checkins import lifecycle
from reminders.replies.checkins.open_questions import answers_of
from reminders.replies.models import CheckIn
from reminders.replies.parsing import questionnaire
from reminders.replies.parsing.questionnaire import Answers, Ask

SCORES = range(11)


@dataclass(frozen=True, slots=True)
class AskedQuestion:
    """One question. `typed`: what was sent along with an incomplete form, to be shown again."""

    name: str
    text: str
    is_pain: bool
    typed: str = ""


@dataclass(frozen=True, slots=True)
class AnswerWarning:
    """What to do about an answer that must not wait. `emergency`: call there and nowhere else."""

    text: str
    emergency: bool


@dataclass(frozen=True, slots=True)
class CheckInCard:
    """`key` names this very check-in: a page that was opened before the next one carries another."""

    key: str
    asked: list[AskedQuestion] = field(default_factory=list)
    warning: AnswerWarning | None = None


def card(
    surgery: Surgery, *, words: Words, now: datetime, typed: Mapping[str, str] | None = None
) -> CheckInCard | None:
    """None where nothing was asked lately. One that is answered keeps its thanks and its warning for three days."""
    reminder = lifecycle.asked_of(surgery, now)
    if reminder is None:
        return None
    row = CheckIn.objects.filter(reminder=reminder).first()
    answers = answers_of(row) if row else Answers()
    is_open = row is None or row.closed_at is None
    asked = [_asked(ask, words, typed or {}) for ask in answers.missing] if is_open else []
    signs = lifecycle.seen_of(row) if row else []
    return CheckInCard(f"{reminder.pk}", asked, warning(signs, words, surgery.site))


def asked(surgery: Surgery, key: str, now: datetime) -> CheckIn | None:
    """The row of the check-in a form was opened with; None when that is not the one to answer any more."""
    reminder = lifecycle.asked_of(surgery, now)
    return lifecycle.begin_for(reminder) if reminder and key == f"{reminder.pk}" else None


def _asked(ask: Ask, words: Words, typed: Mapping[str, str]) -> AskedQuestion:
    return AskedQuestion(ask.value, words[f"ask_{ask}"], ask is Ask.PAIN, typed.get(ask.value, ""))


def warning(signs: list[tuple[str, str]], words: Words, site: Site) -> AnswerWarning | None:
    """The warning about the worst of the answers."""
    if not signs:
        return None
    level, sign = signs[0]
    said = {code: ask for ask, (_, code) in questionnaire.SIGNS.items()}[sign]
    phone = phones.spoken(site.phone.as_e164)
    return AnswerWarning(words[f"warn_{said}"].format(number=site.emergency_number, phone=phone), level == "E")


def read(posted: Mapping[str, str]) -> Answers:
    """What the form holds; what nobody could have chosen there counts as left out."""
    pain = posted.get(Ask.PAIN, "")
    yes_or_no = {ask.value: {"1": True, "0": False}.get(posted.get(ask.value, "")) for ask in Ask if ask != Ask.PAIN}
    return Answers(pain=int(pain) if pain in map(str, SCORES) else None, **yes_or_no)
