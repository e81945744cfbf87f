"""The API, the enrolment page and the simulator show what is sent, on a sample in which all that decides occurs."""

import re
from collections.abc import Iterable
from dataclasses import fields, replace
from datetime import datetime, timedelta

import pytest

from clinic.simulation import SimulationCase as Simulated
from clinic.simulation import simulate
from clinic.staff import formats
from clinic.staff.enrol.form_set import EnrolForms
from clinic.staff.enrol.plan import plan_for
from patients.models.contact import Channel
from reminders import enrolment
from reminders.enrolment import NewContact
from reminders.plan.reasons import SENTENCES, Reason
from reminders.preview import PreviewOutcome
from tests.preview import combinations
from tests.preview.combinations import Combination, Mode, NumberCountry, SharedWith
from tests.preview.playing import START, Case, Ended, Told, a_previewed_clinic, really, send, without_links
from tests.staff.people import signed_in

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("nothing_leaves_the_machine")]
DAYS = 3  # the last day on which something is compared
ENDS = START + timedelta(days=DAYS + 1)
NEW = [one for one in combinations.every() if one.mode != Mode.TRIAL_RECIPIENT]  # nobody is one before they are saved
SAMPLE = NEW[::23]
ALOUD = "call instead"


def test_everything_that_decides_occurs_in_the_sample():
    for kind in fields(Combination):
        everywhere, here = ({getattr(one, kind.name) for one in some} for some in (NEW, SAMPLE))
        assert here == everywhere, kind.name


def the_cases(some: Iterable[Combination]) -> list[Case]:
    clinics = {}
    for one in some:
        place = one.country, one.mode
        clinics[place] = clinics.get(place) or a_previewed_clinic(*place)
    return [clinics[one.country, one.mode].case(one) for one in some]


def enrol_and_send(cases: Iterable[Case]) -> None:
    for case in cases:
        clinic = case.clinic
        case.surgery = enrolment.enrol(case.new, case.asked, site=clinic.site, by=clinic.surgeon, now=START)
    send(ENDS)


@pytest.mark.long
def test_the_api_and_the_enrolment_page_show_what_is_sent():
    cases = the_cases(SAMPLE)
    shown = [(api_of(case), page_of(case)) for case in cases]

    enrol_and_send(cases)

    real = really([case.surgery for case in cases], ENDS)
    for case, (api, page) in zip(cases, shown, strict=True):
        told, ended = real[case.surgery.pk].told, real[case.surgery.pk].ended
        assert api == ({in_words(one) for one in told}, {in_words(one) for one in ended}), case.combination
        assert page == as_on_the_page(case, told, ended), case.combination


def in_words(one: Told | Ended) -> Told | Ended:
    return replace(one, why=SENTENCES[Reason(one.why)])


# The API


def api_of(case: Case) -> tuple[set[Told], set[Ended]]:
    client = signed_in(case.clinic.surgeon)
    answer = client.post("/api/v1/surgeries/preview/", body_of(case), content_type="application/json").json()
    assert answer["stays_in_outbox"] == (case.combination.mode == Mode.TEST)
    told, ended = set(), set()
    for row in answer["reminders"]:
        key, due_at = (row["step"], row["occurrence"]), datetime.fromisoformat(row["due_at"])
        if due_at <= ENDS:
            ended.add(Ended(*key, due_at, row["outcome"], row["why"]))
            told |= {Told(*key, *message_of(one, case)) for one in row["messages"]}
    return told, ended


def message_of(one: dict, case: Case) -> tuple:
    assert one["contact"] is None
    [to] = [
        new for new in case.new.contacts if (new.relationship, channel_of(new)) == (one["relationship"], one["channel"])
    ]
    leaves_at = one["leaves_at"] and datetime.fromisoformat(one["leaves_at"])
    return to.phone or to.email, one["channel"], leaves_at, one["subject"], without_links(one["text"]), one["why"]


def channel_of(new: NewContact) -> str:
    return Channel.SMS if new.phone else Channel.EMAIL


def body_of(case: Case) -> dict:
    asked, new = case.asked, case.new
    patient = {name: str(getattr(new, name)) for name in ("number", "given_name", "family_name", "birth_date")}
    contacts = [contact_of(one) for one in new.contacts]
    operation = {"procedure": asked.procedure.code, "surgeon": asked.surgeon.pk, "date": f"{asked.date}"}
    return operation | {"new_patient": patient | {"insist": True, "site": case.clinic.site.code, "contacts": contacts}}


def contact_of(one: NewContact) -> dict:
    facts = {name: getattr(one, name) for name in ("phone", "email", "relationship", "name", "scope")}
    consent = {"consent": {"source": "paper", "wording": one.consent_wording}} if one.consent_wording else {}
    return {name: value for name, value in facts.items() if value} | consent


# The enrolment page


def page_of(case: Case) -> set[tuple]:
    clinic = case.clinic
    forms = EnrolForms(typed(case), site=clinic.site, staff=clinic.surgeon, now=START)
    plan = plan_for(forms, now=START)
    assert forms.is_valid()
    assert plan.stays_in_outbox == (case.combination.mode == Mode.TEST)
    found = set()
    for row in (row for block in plan.phases for row in block.rows if row.day <= DAYS):
        copies = {(c.to, c.subject, without_links(c.text), c.why) for c in row.copies if c.to != ALOUD}
        assert (row.pill.word == "call") == any(c.to == ALOUD for c in row.copies)
        found.add((row.title, row.when, row.pill.word, frozenset(copies)))
    return found


def typed(case: Case) -> dict[str, str]:
    asked, new = case.asked, case.new
    values = {
        name: str(getattr(new, name)) for name in ("number", "given_name", "family_name", "birth_date", "language")
    }
    values |= {"key": "form-1", "site": str(case.clinic.site.pk), "version": str(asked.version.pk), "job": "unknown"}
    values |= {"surgeon": str(asked.surgeon.pk), "procedure": str(asked.procedure.pk), "date": f"{asked.date}"}
    values |= {"physical_therapy": "undecided"}
    for one in new.contacts:
        part = "caregiver" if one.name else "phone" if one.phone else "email"
        facts = {
            "address": one.phone or one.email,
            "name": one.name,
            "scope": one.scope,
            "wording": one.consent_wording,
        }
        facts |= {"source": "paper", "consent": "on" if one.consent_wording else ""}
        values |= {f"{part}-{name}": value for name, value in facts.items() if value}
    return values


def as_on_the_page(case: Case, told: set[Told], ended: set[Ended]) -> set[tuple]:
    """In the words of the page, from what really happened."""
    titles = dict(case.clinic.version.steps.values_list("code", "title"))
    names = {one.phone or one.email: one.name or "the patient" for one in case.new.contacts}
    found = set()
    for end in ended:
        own = sorted((one for one in told if one.step == end.step), key=lambda one: names[one.address] != "the patient")
        left = [one for one in own if one.at]
        when = formats.moment(left[0].at if left else end.due_at, case.clinic.site.zone)
        words = " + ".join(dict.fromkeys(str(Channel(one.channel).label) for one in left))
        pill = {PreviewOutcome.SENT: words, PreviewOutcome.CALL: "call", PreviewOutcome.LEFT_OUT: "held back"}[
            PreviewOutcome(end.outcome)
        ]
        copies = {(to_whom(o, names), o.subject, o.text, SENTENCES[Reason(o.why)]) for o in own}
        found.add((titles[end.step], when, pill, frozenset(copies)))
    return found


def to_whom(one: Told, names: dict[str, str]) -> str:
    return f"{Channel(one.channel).label} to {names[one.address]}"


def test_the_page_says_who_is_told_nothing_and_that_the_outbox_keeps_it():
    case = the_cases([combinations.Combination(*PAGE)])[0]
    client = signed_in(case.clinic.surgeon)

    page = re.sub(r"\s+", " ", client.post("/staff/enrol/preview/", typed(case)).content.decode())

    assert "Nothing is really sent: this site's messages stay in the outbox." in page
    assert "text to the patient: not sent. The site does not text numbers of this country." in page


PAGE = (combinations.OwnConsent.BOTH, None, NumberCountry.FOREIGN, SharedWith.NOBODY, Mode.TEST)


# The simulator, whose patient is nobody's and alone


def test_the_simulator_shows_what_is_sent():
    alone = [one for one in NEW if (one.country, one.shared) == (NumberCountry.OWN, SharedWith.NOBODY)]
    alone = [one for one in alone if one.own.value != "none" and not one.caregiver and one.mode != Mode.TRIAL]
    cases = the_cases(alone)

    enrol_and_send(cases)

    real = really([case.surgery for case in cases], ENDS)
    for case in cases:
        sent = {one for one in real[case.surgery.pk].told if one.at}
        assert simulated(case) == {(o.step, o.at, o.channel, o.subject, o.text) for o in sent}
    assert len(cases) == 6


def simulated(case: Case) -> set[tuple]:
    clinic, channels = case.clinic, tuple(case.combination.own_channels)
    facts = {"days": 4, "channels": channels, "enrolled": START}
    lines = simulate(Simulated(clinic.site, clinic.version, case.asked.date, **facts), surgery=case.surgery)
    return {(o.step, o.at, o.channel, o.subject, without_links(o.text)) for o in lines if not o.why}
