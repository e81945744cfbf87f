"""However somebody stops us, the end is the same; and where a way ends otherwise, the table says why."""

from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
import time_machine

from patients import audit
from patients.models import Contact, Surgery
from reminders import enrolment
from reminders.delivery.models import Delivery
from reminders.delivery.state import OUT
from reminders.plan.models import Reminder
from tests import given
from tests.delivery.sending import live, ring, site, surgeon
from tests.delivery.test_mail_webhooks import known_to_the_service
from tests.delivery.test_webhooks import known_to_twilio
from tests.replies import ways_to_stop as ways
from tests.replies.ways_to_stop import DAY, MAILBOX, MESSAGES, MINUTE, SHARED, Household, a_household
from tests.staff.people import signed_in

__all__ = ["known_to_the_service", "known_to_twilio", "live", "site", "surgeon"]


@dataclass(frozen=True)
class Way:
    """`source`, `by_staff`: what the consent event says. `differs`: from COMMON, each value with the reason for it."""

    stop: Callable[[Household], None]
    at: str = "phone"
    source: str = "verbal"
    by_staff: bool = True
    differs: dict[str, tuple[object, str]] = field(default_factory=dict)


STOPPED = ("suppressed", "no_consent")
REVOKED = ("suppressed", "revoked")
VERBS = ["consent withdrawn", "contact released"]
COMMON: dict[str, object] = {
    "Ana's contact": ("withdrawn", "not held", "in use"),
    "Joan's contact": ("withdrawn", "not held", "in use"),
    "Ana: failed for now": STOPPED,
    "Ana: on its way": "on its way",
    "Ana: held": STOPPED,
    "Ana: queued": STOPPED,
    "Joan: held": STOPPED,
    "Ana's reminders": [STOPPED, "on its way", STOPPED, STOPPED],
    "on the call list": {"Ana": 3, "Joan": 1},
    "audit of Ana": VERBS,
    "audit of Joan": VERBS,
    "leaves in the next days": 0,
}
OF_JOANS = "Ana does not want Ben to hear of her. What the same phone hears of Joan is not hers to end."
NOT_A_REFUSAL = "The consent ends because the patient ended it, so the messages say that the caregiver was revoked."
WAYS = [
    Way(ways.a_text_says_stop, source="sms", by_staff=False),
    Way(
        ways.the_carrier_says_they_opted_out,
        source="provider",
        by_staff=False,
        differs={
            "Ana: on its way": (STOPPED, "The code is about this very message: it did not arrive."),
            "Ana's reminders": ([STOPPED] * 4, "As that message did not arrive."),
            "on the call list": ({"Ana": 4, "Joan": 1}, "As that message did not arrive."),
        },
    ),
    Way(ways.staff_write_it_on_the_record),
    Way(ways.another_system_withdraws_it),
    Way(ways.staff_decide_it_was_a_refusal, source="sms"),
    Way(ways.the_mail_program_unsubscribes, at="mailbox", source="link", by_staff=False),
    Way(ways.the_mail_service_says_they_complained, at="mailbox", source="provider", by_staff=False),
    Way(
        ways.the_patient_revokes_her_caregiver,
        at="caregiver's phone",
        differs={
            "Ana's contact": (("withdrawn", "not held", "ended"), "Ben is her caregiver no more."),
            "Joan's contact": (("given", "held", "in use"), OF_JOANS + " A refusal of hers is still to be decided."),
            "Ana: failed for now": (REVOKED, NOT_A_REFUSAL),
            "Ana: held": (REVOKED, NOT_A_REFUSAL),
            "Ana: queued": (REVOKED, NOT_A_REFUSAL),
            "Joan: held": (("queued", "contact_held"), OF_JOANS),
            "Ana's reminders": (["on its way"] * 4, "Ana herself is told all of it, on her own phone."),
            "on the call list": ({"Ana": 0, "Joan": 0}, "Ana and Joan are told, so nobody has to call."),
            "audit of Ana": ([*VERBS, "contact ended", "caregiver revoked"], "The contact ends too."),
            "audit of Joan": ([], OF_JOANS),
            "leaves in the next days": (2, "To Joan: what was held, once staff decide, and her next one."),
        },
    ),
]  # fmt: skip


@pytest.mark.parametrize("way", WAYS, ids=lambda way: way.stop.__name__)
def test_every_way_to_stop_ends_the_same(live, surgeon, twilio, smtp, way):
    household = a_household(live, surgeon, way.at)

    found = {}
    for times in ("once", "twice"):
        with time_machine.travel(household.stop_at, tick=False):
            way.stop(household)
        found[times] = state_of(household)
    events = list(household.contact.consent_events.values_list("kind", "source", "by", "at"))
    leaves = sent_afterwards(household, twilio, smtp)

    assert found["once"] | {"leaves in the next days": leaves} == expected(way)
    assert found["twice"] == found["once"], "the same again changes nothing"
    assert events[1:] == [("withdrawn", way.source, surgeon.pk if way.by_staff else None, household.stop_at)]


def expected(way: Way) -> dict[str, object]:
    return COMMON | {row: value for row, (value, _) in way.differs.items()}


def test_where_a_way_differs_it_really_does_and_says_why():
    for way in WAYS:
        for row, (value, why) in way.differs.items():
            assert COMMON[row] != value, f"{way.stop.__name__}, {row}: no difference"
            assert why.endswith(".")


@pytest.mark.parametrize(
    ("stop", "covers"),
    [
        (ways.a_text_says_stop, True),
        (ways.the_carrier_says_they_opted_out, True),
        (ways.staff_decide_it_was_a_refusal, True),
        (ways.staff_write_it_on_the_record, False),
        (ways.another_system_withdraws_it, False),
    ],
    ids=lambda value: getattr(value, "__name__", str(value)),
)
def test_where_the_sites_stop_covers_email_it_does_so_whoever_tells_of_it(live, surgeon, twilio, stop, covers):
    """A STOP cannot say what it is about; whoever tells staff in person can be asked, and each contact has its form."""
    live.stop_covers_all = True
    live.save()
    household = a_household(live, surgeon, "phone")
    mail = enrolment.add_contact(household.ana.patient, given.an_email(), by=surgeon, now=household.due_at)

    with time_machine.travel(household.stop_at, tick=False):
        stop(household)

    assert standing(household.contact)[0] == "withdrawn"
    assert standing(mail)[0] == ("withdrawn" if covers else "given")


def test_no_other_code_withdraws_consent():
    root = Path(enrolment.__file__).parents[1]
    sources = [path for package in ("clinic", "reminders", "patients") for path in (root / package).rglob("*.py")]
    callers = [path.relative_to(root) for path in sources if ".withdraw_consent(" in path.read_text()]
    assert [str(path) for path in callers] == ["reminders/delivery/followup/opt_out.py"]


# The end


def state_of(household: Household) -> dict[str, object]:
    ana, joan = household.ana, household.joan
    reminders = Reminder.objects.filter(surgery=ana, occurrence__lt=len(MESSAGES), step_code="walk-today")
    to_call = Reminder.objects.to_call()
    return {
        "Ana's contact": standing(household.contact),
        "Joan's contact": standing(household.joans),
        **{f"Ana: {name}": in_words(household.delivery(name)) for name in MESSAGES},
        "Joan: held": in_words(Delivery.objects.get(contact=household.joans)),
        "Ana's reminders": [kept(row) for row in reminders.order_by("occurrence")],
        "on the call list": {"Ana": to_call.filter(surgery=ana).count(), "Joan": to_call.filter(surgery=joan).count()},
        "audit of Ana": done_to(ana, household),
        "audit of Joan": done_to(joan, household),
    }


def standing(contact: Contact) -> tuple[str | None, str, str]:
    row = Contact.objects.with_consent().get(pk=contact.pk)
    return row.consent_kind, "held" if row.held_since else "not held", "ended" if row.ended_at else "in use"


def in_words(delivery: Delivery) -> object:
    return "on its way" if delivery.state in OUT else (delivery.state, delivery.reason)


def kept(reminder: Reminder) -> object:
    """An e-mail that was taken is as good as arrived, as there is no receipt for it."""
    return "on its way" if reminder.status in ("in_progress", "done") else (reminder.status, reminder.reason)


def done_to(surgery: Surgery, household: Household) -> list[str]:
    return [entry.verb for entry in audit.history(surgery.patient).filter(at__gte=household.stop_at)]


def sent_afterwards(household: Household, twilio: Any, smtp: Any) -> int:
    """What the provider and the mail server saw, once staff have also said of Joan's phone that it was no refusal."""
    before = asked(twilio, smtp)
    path = f"/staff/surgeries/{household.joan.pk}/contacts/{household.joans.pk}/refusal/"
    with time_machine.travel(household.stop_at + MINUTE, tick=False):
        assert signed_in(household.staff).post(path).status_code == 302
    for later in (2 * MINUTE, timedelta(hours=1), DAY, DAY + timedelta(hours=1), 3 * DAY):
        ring(household.stop_at + later)
    return asked(twilio, smtp) - before


def asked(twilio: Any, smtp: Any) -> int:
    return sum(line["To"] == SHARED for line in twilio.ledger) + smtp.recipients.count([MAILBOX])
