"""What the rows of reception's board share: the site, the moment, the people."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta

from phonenumbers import NumberParseException

from clinic.staff.board import date_format
from clinic.staff.board.latest import Happening
from clinic.staff.formats import count, language
from patients import phones
from patients.models import CheckUp, Patient, Site, Surgery
from patients.visit_slots import VisitHours, next_free
from patients.visit_times import hours_of
from reminders.plan.local_time import next_staffed
from reminders.replies.models import Intent

WANTS_ANOTHER_TIME = {Intent.CANNOT_COME: "cannot come", Intent.NEW_TIME: "wants another time"}
INPUT = "%Y-%m-%dT%H:%M"


@dataclass(frozen=True, slots=True)
class Scene:
    """What every row of one page shares."""

    site: Site
    now: datetime
    closed_days: frozenset[date]
    story: Mapping[int, Happening] = field(default_factory=dict)
    held: frozenset[int] = frozenset()  # surgeries whose plan stands still
    taken: Sequence[datetime] = ()  # when the booked visits to come begin, sorted

    @property
    def today(self) -> date:
        return self.site.today(self.now)

    def when(self, moment: datetime) -> str:
        return date_format.when(moment, now=self.now, zone=self.site.zone)

    def lead(self, moment: datetime) -> str:
        """The hour of today, else the day: what stands in front of a row is short."""
        local = moment.astimezone(self.site.zone)
        return f"{local:%H:%M}" if local.date() == self.today else f"{local.day} {local:%b}"

    def last(self, surgery: int) -> str:
        happening = self.story.get(surgery)
        return happening.said(now=self.now, zone=self.site.zone) if happening else ""

    def last_of(self, surgeries: Iterable[int]) -> str:
        """The same over several operations of one patient."""
        found = [self.story[surgery] for surgery in surgeries if surgery in self.story]
        return max(found, key=lambda one: one.at).said(now=self.now, zone=self.site.zone) if found else ""

    def suggested(self, check_up: CheckUp) -> str:
        """The next free time in the visit's window; without one, when the next open day begins."""
        first = self.today + timedelta(days=1)
        window = {"opens": check_up.window_opens, "target": check_up.target_day, "closes": check_up.window_closes}
        at = next_free(self.hours, self.taken, first=first, **window)
        if at is not None:
            return f"{at.astimezone(self.site.zone):{INPUT}}"
        first = max(check_up.target_day, first)
        day = next_staffed(first, weekdays=self.site.staffed_weekdays, closed=self.closed_days)
        return f"{datetime.combine(day, self.site.visits_open):{INPUT}}"

    @property
    def hours(self) -> VisitHours:
        return hours_of(self.site, self.closed_days)


@dataclass(frozen=True, slots=True)
class BoardPerson:
    """`language` is empty where it is the clinic's own; `phone` where there is none."""

    name: str
    age: int
    language: str
    phone: str
    tel: str
    day: str
    surgery: int
    is_held: bool

    @classmethod
    def of(cls, surgery: Surgery, scene: Scene) -> "BoardPerson":
        patient = surgery.patient
        return cls(
            name=str(patient),
            age=patient.age(scene.today),
            language="" if patient.language == scene.site.language else language(patient.language),
            phone=phone_of(patient),
            tel=tel_of(patient),
            day=day_words(surgery.day_number(scene.today)),
            surgery=surgery.pk,
            is_held=surgery.pk in scene.held,
        )


def day_words(number: int) -> str:
    return f"day {number}" if number >= 0 else f"in {count(-number, 'day')}"


def phone_of(patient: Patient) -> str:
    number = tel_of(patient)
    return spoken(number) if number else ""


def tel_of(patient: Patient) -> str:
    numbers = getattr(patient, "phones", [])  # by queries.py
    return numbers[0].address if numbers else ""


def spoken(number: str) -> str:
    """Short codes and e-mail addresses stay as they are."""
    try:
        return phones.spoken(number)
    except NumberParseException:
        return number
