"""The number of a message about a visit never belongs to two visits or two changes, however often a visit changes."""

from datetime import UTC, datetime, timedelta
from itertools import product

from patients.models import CheckUp, StaffMember, Surgery
from reminders import visit_actions
from reminders.delivery.models import Delivery
from reminders.plan.models import Reminder, VisitTimeChange
from reminders.plan.visit_keys import key_of, visit_of
from tests.delivery.sending import ring
from tests.given import NOW

LARGEST = 2_147_483_647  # of the column


def test_every_visit_and_change_has_a_number_of_its_own_and_the_first_hundred_keep_theirs() -> None:
    both = list(product([0, 1, 2, 40, 32_767], [0, 1, 99, 100, 101, 199, 200, 20_000]))
    keys = [key_of(*one) for one in both]

    assert [visit_of(key) for key in keys] == both
    assert max(keys) <= LARGEST
    assert [key_of(3, 7), key_of(0, 99)] == [307, 99]


def test_the_hundredth_change_and_those_after_it_are_told_as_the_first(surgery: Surgery, surgeon: StaffMember) -> None:
    Reminder.objects.filter(surgery=surgery).update(status="skipped", reason="skipped_by_staff")
    visit = surgery.check_ups.get(code="six-weeks")
    day = datetime(2026, 4, 13, 14, 20, tzinfo=UTC)
    visit_actions.book_visit(visit, at=day, by=surgeon, now=NOW)
    VisitTimeChange.objects.filter(check_up=visit).update(number=98, bookings=98)
    Reminder.objects.filter(surgery=surgery, step_code__contains=":").update(occurrence=98)
    CheckUp.objects.filter(pk=visit.pk).update(bookings=98)

    for number in range(1, 5):
        moved = NOW + timedelta(hours=number)
        visit_actions.book_visit(visit, at=day + timedelta(days=number), by=surgeon, now=moved)
        ring(moved + timedelta(minutes=4))

    sent = Delivery.objects.filter(reminder__surgery=surgery, state="delivered", reminder__step_code__contains=":")
    assert [visit_of(key) for key in sent.values_list("reminder__occurrence", flat=True)] == [
        (0, 99), (0, 100), (0, 101), (0, 102),
    ]  # fmt: skip
    assert "Friday, April 17" in sent.latest("pk").text
    reminders = surgery.reminders.planned().filter(step__anchor="visit").exclude(step_code__contains=":")
    assert {visit_of(key) for key in reminders.values_list("occurrence", flat=True)} == {(0, 102)}
