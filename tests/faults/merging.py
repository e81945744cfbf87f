"""Two patient numbers merged while the texts of one are on their way: none doubled, none to whom the merge silences."""

from collections.abc import Iterator
from datetime import timedelta
from functools import partial

from patients import actions as care
from patients.models import CheckUp, Contact, Patient, Surgery
from reminders import enrolment
from reminders.delivery.models import Attempt
from reminders.merge import merge
from tests import canary, given
from tests.faults import announced, world
from tests.faults.cases import FaultCase, Theatre, Trial
from tests.faults.facts import claims, merges, steady
from tests.faults.judge import RunFacts
from tests.faults.stage import wait_for
from tests.faults.world import FaultPatient

ENDS = frozenset({"delivered", "cancelled", "suppressed"})
AHEAD = timedelta(days=20)


def merged_on_the_way(name: str, theatre: Theatre) -> Trial:
    """Of two people the second number of each has the same phone; that of the second one has refused."""
    some = [theatre.person(), theatre.person()]
    others = [
        steady(partial(_other_number, person, agreed=agreed)) for person, agreed in zip(some, (1, 0), strict=True)
    ]
    visits = [steady(partial(_first_visit, person)) for person in some]
    for person, visit in zip(some, visits, strict=True):
        theatre.fate(person, heard=True)
        theatre.provider.behave("slow:1.5", to=person.phone)
        steady(partial(announced.book, visit, world.now() + AHEAD))
    keys = theatre.due(*some)  # one each: a merge lays the plan out again, and drops what the stage has put in
    caught = sum(_is_out(theatre, key) for key in keys)
    for person, other in zip(some, others, strict=True):
        steady(partial(_merge, person, into=other))
    for visit in visits:
        steady(partial(announced.book, visit, world.now() + AHEAD + timedelta(days=1)))
    keys += [key for person in some for key in announced.notices(person)]
    note = f"of {caught} of {len(some)} people texts were out when they were merged"
    check = partial(_wrong, people=some, refusing=some[1])
    return Trial(name, keys, caught == len(some), note, ends=ENDS, taken=(0, 1), asked=(0, 1), check=check)


def _other_number(person: FaultPatient, *, agreed: bool) -> int:
    """The key of a patient on the same phone, without an operation."""
    surgery = Surgery.objects.select_related("site", "enrolled_by").get(pk=person.surgery)
    phone = given.a_phone(person.phone) if agreed else given.a_phone(person.phone, consent_wording="")
    new = canary.a_new_patient(phone)
    patient = enrolment.register_patient(surgery.site, new, by=surgery.enrolled_by, now=world.now())
    if not agreed:
        [contact] = patient.contacts.all()
        said = {"source": "verbal", "wording": "No texts, please."}
        care.withdraw_consent([contact], **said, by=surgery.enrolled_by, now=world.now())
    return patient.pk


def _first_visit(person: FaultPatient) -> int:
    return CheckUp.objects.filter(surgery=person.surgery).order_by("pk")[0].pk


def _merge(person: FaultPatient, *, into: int) -> None:
    """Safe to repeat."""
    patient = Patient.objects.get(pk=person.patient)
    if patient.merged_at is None:
        by = Surgery.objects.select_related("enrolled_by").get(pk=person.surgery).enrolled_by
        merge(patient, into=Patient.objects.get(pk=into), by=by, now=world.now())


def _is_out(theatre: Theatre, reminder: int) -> bool:
    def outcomes() -> list[str]:
        return [attempt.outcome for attempt in theatre.attempts([reminder])]

    return wait_for(lambda: "" in outcomes(), missed=lambda: any(outcomes()))


def _wrong(facts: RunFacts, *, people: list[FaultPatient], refusing: FaultPatient) -> list[str]:
    said = [said for person in people for said in announced.left_with_a_wrong_time(facts, person=person)]
    return said + steady(lambda: [said for person in people for said in _silenced(person, refusing)])


def _silenced(person: FaultPatient, refusing: FaultPatient) -> Iterator[str]:
    """By the order of commits: what was claimed after the merge, and for whom it was."""
    merged, claimed = merges().get(person.patient), claims()
    if merged is None:
        yield f"patient {person.patient} was never merged"
        return
    rows = Attempt.objects.filter(delivery__reminder__surgery=person.surgery, delivery__channel="sms")
    ended = set(Contact.objects.exclude(ended_at=None).values_list("pk", flat=True))
    for attempt in rows.select_related("delivery"):
        key = f"{attempt.delivery_id}/{attempt.number}"
        if claimed.get(key, attempt.started_at) <= merged:
            continue
        if person == refusing:
            yield f"delivery {attempt.delivery_id} was claimed after the merge for a phone that has refused"
        elif attempt.delivery.contact_id in ended:
            yield f"delivery {attempt.delivery_id} was claimed after the merge for the contact that it ended"


def cases() -> Iterator[FaultCase]:
    name = "a merge while sending"
    yield FaultCase(name, partial(merged_on_the_way, name), short=True)
