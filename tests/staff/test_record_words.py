"""What the record says of messages whose fate is not plain."""

from datetime import timedelta

import pytest

from patients import clock
from reminders.delivery.models import Delivery
from reminders.delivery.reconcile import timeouts
from reminders.delivery.sending.claiming import claim
from reminders.delivery.sending.opening import open_due
from reminders.plan.models import Reminder
from tests.given import a_phone, an_email, an_enrolment
from tests.staff.people import signed_in, three_people

pytestmark = pytest.mark.django_db


def test_a_message_whose_sender_died_half_way_is_shown_as_unknown():
    people = three_people()
    surgery = an_enrolment(people.site, a_phone(), by=people.owner)
    now = Reminder.objects.get(surgery=surgery, step_code="walk-today").due_at
    open_due(now)
    assert claim("sms", now).jobs  # and then the process is killed

    timeouts.settle(now + timedelta(minutes=5))
    page = signed_in(people.owner).get(f"/staff/surgeries/{surgery.pk}/").content.decode()

    assert "text to the patient: unknown. The program stopped while sending it." in page
    assert "on its way" in page


def test_mail_that_its_server_took_is_called_sent_not_delivered():
    people = three_people()
    surgery = an_enrolment(people.site, an_email(), by=people.owner)
    now = Reminder.objects.get(surgery=surgery, step_code="walk-today").due_at
    open_due(now)
    claim("email", now)
    Delivery.objects.update(state="sent", settled_at=now)
    timeouts.refresh(Delivery.objects.values_list("reminder", flat=True))

    page = signed_in(people.owner).get(f"/staff/surgeries/{surgery.pk}/").content.decode()

    assert ">sent</span>" in page.replace("\n", "")
    assert "delivered 1" not in page


def test_a_new_link_makes_the_old_one_dead():
    people = three_people()
    surgery = an_enrolment(people.site, a_phone(), by=people.owner)
    old, colleague = surgery.care_plan.link, signed_in(people.colleague)

    assert signed_in(people.stranger).post(f"/staff/surgeries/{surgery.pk}/link/").status_code == 404
    assert colleague.post(f"/staff/surgeries/{surgery.pk}/link/").status_code == 302

    surgery.care_plan.refresh_from_db()
    assert colleague.get(f"/p/{old}/").status_code == 404
    assert colleague.get(f"/p/{surgery.care_plan.link}/").status_code == 200
    assert "page link renewed" in colleague.get(f"/staff/surgeries/{surgery.pk}/").content.decode()


def test_an_operation_to_come_is_planned_for_and_no_longer_operated_on():
    people = three_people()
    coming, past = (an_enrolment(people.site, by=people.owner, now=clock.now(), day=day) for day in (-5, 5))

    pages = [signed_in(people.owner).get(f"/staff/surgeries/{one.pk}/").content.decode() for one in (coming, past)]

    assert ["operated on" in page for page in pages] == [False, True]
    assert "operation planned for" in pages[0]
    assert "5 days before the operation" in pages[0]
    assert "day -5" not in pages[0]
