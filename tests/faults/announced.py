"""A visit moved twice while its texts are on their way: nobody is left with a wrong time."""

from collections.abc import Iterator
from datetime import datetime, timedelta
from functools import partial

from patients.models import CheckUp
from reminders import visit_actions
from reminders.delivery.models import Attempt
from reminders.plan.models import Reminder, VisitTimeChange
from reminders.plan.models.reminder import ReminderStatus
from reminders.plan.visit_notices import SETTLE
from tests.faults import world
from tests.faults.cases import SOON, FaultCase, Theatre, Trial
from tests.faults.facts import steady
from tests.faults.judge import RunFacts
from tests.faults.stage import wait_for
from tests.faults.world import FaultPatient

ENDS = frozenset({"delivered", "cancelled"})
AHEAD, MOVES = timedelta(days=20), 2


def moved_on_the_way(name: str, theatre: Theatre) -> Trial:
    """Booked, and moved each time the text about the time before is out at the provider."""
    person = theatre.person()
    visit = steady(lambda: CheckUp.objects.filter(surgery=person.surgery).order_by("pk")[0].pk)
    theatre.fate(person, heard=True)
    theatre.provider.behave("slow:1.5", to=person.phone)
    caught = 0
    for day in range(MOVES + 1):
        steady(partial(book, visit, world.now() + AHEAD + timedelta(days=day)))
        caught += day < MOVES and _is_out(theatre, person, day + 1)
    keys = notices(person)
    note = f"{caught} of {MOVES} texts were out when it moved"
    check = partial(left_with_a_wrong_time, person=person)
    return Trial(name, keys, caught == MOVES, note, ends=ENDS, taken=(0, 1), asked=(0, 1), check=check)


def book(visit: int, at: datetime) -> None:
    """As if it had been booked so long ago that it has all but settled."""
    visit_actions.book_visit(CheckUp.objects.get(pk=visit), at=at, by=None, now=world.now() - SETTLE + SOON)


def _is_out(theatre: Theatre, person: FaultPatient, number: int) -> bool:
    def is_so() -> bool:
        return any(not attempt.outcome for attempt in _attempts(person, number))

    return wait_for(is_so, missed=lambda: any(attempt.outcome for attempt in _attempts(person, number)))


def _attempts(person: FaultPatient, number: int) -> list[Attempt]:
    mine = {"delivery__reminder__surgery": person.surgery, "delivery__reminder__step_code__contains": ":"}
    return steady(lambda: list(Attempt.objects.filter(**mine, delivery__reminder__occurrence=number)))


def notices(person: FaultPatient) -> list[int]:
    rows = Reminder.objects.filter(surgery=person.surgery, step_code__contains=":")
    return steady(lambda: list(rows.values_list("pk", flat=True)))


def left_with_a_wrong_time(_: RunFacts, *, person: FaultPatient) -> list[str]:
    """The last notice that arrived tells the time that stands, or reception calls."""
    return steady(lambda: list(_wrong(person)))


def _wrong(person: FaultPatient) -> Iterator[str]:
    rows = Reminder.objects.filter(surgery=person.surgery, step_code__contains=":")
    for visit in {row.step.check_up.code for row in rows.select_related("step__check_up") if row.step.check_up}:
        last = VisitTimeChange.objects.filter(check_up__surgery=person.surgery, check_up__code=visit).latest("number")
        told = rows.filter(step__check_up__code=visit, occurrence=last.number)
        arrived = told.filter(status=ReminderStatus.DONE).exists()
        if not arrived and not Reminder.objects.to_call().filter(pk__in=told).exists():
            yield f"patient {person.patient} is left with a wrong time of visit {visit}"


def cases() -> Iterator[FaultCase]:
    name = "a visit moved twice while its texts are on their way"
    yield FaultCase(name, partial(moved_on_the_way, name), short=True)
