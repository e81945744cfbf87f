"""The patient's page, ready for its template: where am I, what now, what not yet, the next visit, do not wait."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime

from django.utils import translation

from clinic.patient import checkin, localized, therapy, visit
from clinic.patient import page_texts as vocabulary
from clinic.patient.checkin import CheckInCard
from clinic.patient.current_plan import days_of_others
from clinic.patient.page_texts import Words
from clinic.patient.phase_bar import BarPiece, BarSpan, in_weeks, pieces, x_of
from clinic.patient.therapy import TherapyCard
from clinic.patient.visit import NextVisit
from patients import phones
from patients.models import CheckUp, Site
from patients.models.checkup import CheckUpState
from reminders.plan.blanks import fill_lines
from reminders.plan.facts import course_of
from reminders.plan.models import CarePlan, Phase
from reminders.plan.phase_calendar import Course


@dataclass(frozen=True, slots=True)
class RecoveryBar:
    """`text` says all of it to who does not see it. `marks`: the visits that were kept."""

    pieces: list[BarPiece]
    here: float | None
    marks: list[float]
    next_mark: float | None
    next_words: str
    axis: str
    text: str

    @property
    def flag_left(self) -> bool:
        """Whether the label is to the left of the arrow, as it is near the right edge."""
        return self.here is not None and self.here > 250


@dataclass(frozen=True, slots=True)
class Help:
    """When not to wait, and whom to call."""

    call_emergency: str
    call_clinic: str
    when_closed: str
    emergency_number: str
    emergency: Sequence[str]
    same_day: Sequence[str]
    tel: str
    staffed: str


@dataclass(frozen=True, slots=True)
class Advice:
    """One of the questions people ask, and its answer."""

    question: str
    answer: str


@dataclass(frozen=True, slots=True)
class Page:
    language: str
    words: Words
    clinic: str
    hello: str
    day: str
    also: list[str]
    bar: RecoveryBar
    title: str
    do: list[str]
    avoid: list[str]
    advice: list[Advice]
    begun: bool
    whose_plan: str
    visit: NextVisit | None
    help: Help
    check_in: CheckInCard | None
    therapy: TherapyCard | None

    @property
    def scores(self) -> list[str]:
        return [f"{score}" for score in checkin.SCORES]


def page(plan: CarePlan, *, language: str, now: datetime, typed: Mapping[str, str] | None = None) -> Page:
    """`plan` with its surgery, site, patient and surgeon; the surgery is active. `typed`: an incomplete check-in."""
    surgery, site = plan.surgery, plan.surgery.site
    today = site.today(now)
    words, number = vocabulary.WORDS[language], surgery.day_number(today)
    phases, course = list(plan.version.phases.all()), course_of(surgery, plan.version).seen_on(today)
    code = course.phase_on(today)
    current = next((phase for phase in phases if phase.code == code), None)
    with translation.override(language):
        return Page(
            language=language,
            words=words,
            clinic=site.short_name,
            hello=words["hello"].format(name=surgery.patient.greeting),
            day=_day(number, words),
            also=[_also(one, day, words, language) for one, day in days_of_others(plan, now)],
            bar=_bar(plan, phases, course, number, language=language, now=now),
            title=_title(current, language, site) if current else "",
            do=_lines(current.do, plan, language) if current else [],
            avoid=_lines(current.avoid, plan, language) if current else [],
            advice=advice_of(plan, language),
            begun=number >= 0,
            whose_plan=words["whose_plan"].format(surgeon=f"Dr. {surgery.surgeon.last_name}".strip()),
            visit=visit.next_visit(plan, language=language, words=words, now=now),
            help=help_of(site, language),
            check_in=checkin.card(surgery, words=words, now=now, typed=typed),
            therapy=therapy.card(surgery, words=words, now=now),
        )


def _day(number: int, words: Words) -> str:
    if number < 0:
        return words["before_1"] if number == -1 else words["before"].format(days=-number)
    return words["day_0"] if number == 0 else words["day"].format(day=number)


def _also(other: CarePlan, number: int, words: Words, language: str) -> str:
    """About another operation whose plan runs as well. What it restricts is not said: the later one's counts."""
    day = localized.long_day(other.surgery.date, language)
    return words["also" if number >= 0 else "also_next"].format(operated=day)


def _title(phase: Phase, language: str, site: Site) -> str:
    return str(localized.in_language(phase.title, language, site.language))


def _lines(lines: dict[str, list[str]], plan: CarePlan, language: str) -> list[str]:
    """With what the surgeon filled into the version's blanks."""
    filled = fill_lines(lines, plan.version.blanks)
    return list(localized.in_language(filled, language, plan.surgery.site.language) or [])


def advice_of(plan: CarePlan, language: str) -> list[Advice]:
    """A line is a question and its answer; one without a question mark is all answer."""
    lines = _lines(plan.version.advice, plan, language)
    split = (line.partition("? ") for line in lines)
    return [Advice(f"{first}?" if mark else "", answer if mark else first) for first, mark, answer in split]


def _bar(
    plan: CarePlan, phases: Sequence[Phase], course: Course, number: int, *, language: str, now: datetime
) -> RecoveryBar:
    surgery, words = plan.surgery, vocabulary.WORDS[language]
    spans = [BarSpan(*course.span(p.code), _title(p, language, surgery.site)) for p in phases]
    placed = pieces(spans, number)
    coming = visit.booked_visit(surgery, now)
    next_day = surgery.site.today(coming.booked_for) if coming and coming.booked_for else None
    short = localized.short_day(next_day, language) if next_day else ""
    return RecoveryBar(
        pieces=placed,
        here=x_of(placed, number) if number >= 0 else None,
        marks=[x_of(placed, surgery.day_number(day)) for day in _kept(surgery.check_ups.all(), surgery.site)],
        next_mark=x_of(placed, surgery.day_number(next_day)) if next_day else None,
        next_words=words["visit_next"].format(date=short) if short else "",
        axis=words["weeks_axis" if in_weeks(spans) else "days_axis"],
        text=_aloud(placed, _day(number, words), words),
    )


def _kept(check_ups: Iterable[CheckUp], site: Site) -> list[date]:
    """A visit somebody came to without a booking stands on its target day."""
    kept = [row for row in check_ups if row.state == CheckUpState.ATTENDED]
    return [site.today(row.booked_for) if row.booked_for else row.target_day for row in kept]


def _aloud(placed: Sequence[BarPiece], day: str, words: Words) -> str:
    said = [day]
    for key, titles in (
        ("done_before", [p.title for p in placed if p.over]),
        ("now_in", [p.title for p in placed if p.here]),
        ("still_ahead", [p.title for p in placed if not p.over and not p.here]),
    ):
        if titles:
            said.append(words[key].format(title=titles[0], titles="; ".join(titles)))
    return " ".join(said)


def help_of(site: Site, language: str) -> Help:
    """When not to wait, shown on every page. Call inside `translation.override`."""
    words = vocabulary.WORDS[language]
    hours = words["staffed"].format(
        days=localized.weekdays(site.staffed_weekdays, words),
        opens=localized.clock_time(site.staffed_from, language),
        closes=localized.clock_time(site.staffed_until, language),
    )
    number = site.phone.as_e164
    return Help(
        call_emergency=words["call_emergency"].format(number=site.emergency_number),
        call_clinic=words["call"].format(phone=phones.spoken(number)),
        when_closed=words["when_closed"].format(number=site.emergency_number),
        emergency_number=site.emergency_number,
        emergency=vocabulary.EMERGENCY[language],
        same_day=vocabulary.SAME_DAY[language],
        tel=number,
        staffed=localized.sentence_case(hours),
    )
