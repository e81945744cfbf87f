"""What else may decide whether a message leaves, and when: each previewed, enrolled and sent, one after the other."""

from datetime import date, datetime, time, timedelta

import pytest

from patients.models import Contact, Patient, Surgery
from reminders import actions, enrolment
from reminders.delivery.models import Delivery
from reminders.delivery.safeguards import blocked_ranges
from reminders.further_operation import RunningPlan
from reminders.plan.reasons import Reason
from tests import given
from tests.preview import playing
from tests.preview.combinations import Combination, Mode, NumberCountry, OwnConsent, SharedWith
from tests.preview.playing import Case, PreviewedClinic, a_previewed_clinic

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("nothing_leaves_the_machine")]
DAYS, SETTLED = timedelta(days=4), timedelta(days=20)  # until when it is due; until when it has left or ended
ALONE = Combination(OwnConsent.SMS, None, NumberCountry.OWN, SharedWith.NOBODY, Mode.LIVE)
PHONE = given.phone(70)


@pytest.fixture
def clinic() -> PreviewedClinic:
    return a_previewed_clinic(NumberCountry.OWN, Mode.LIVE)


def a_case(clinic: PreviewedClinic, *contacts: enrolment.NewContact, **facts: object) -> Case:
    return Case(ALONE, clinic, given.a_new_patient(*contacts, **(playing.JOHN | facts)))


def shown(case: Case, *, now: datetime = playing.START) -> set[str]:
    """The reasons a preview gives, which must be those of what is then sent."""
    ends = now + DAYS
    playing.preview(case, ends, now=now)
    case.surgery = enrolled(case, case.day0, now=now)
    playing.send(now + SETTLED, now=now)

    real = playing.really([case.surgery], ends)[case.surgery.pk]
    assert playing.differences(case, real) == []
    return {one.why for one in (*case.told, *case.ended)}


def registered(case: Case, **facts: object) -> Case:
    playing.register([case])
    Contact.objects.filter(patient=case.patient).exclude(phone="").update(**facts)
    return case


@pytest.mark.parametrize("hour", [7, 12, 17, 21, 23])
def test_whatever_the_hour_of_the_enrolment(clinic, hour):
    now = datetime.combine(clinic.site.today(playing.START), time(hour), clinic.site.zone)

    case = a_case(clinic, given.a_phone(), given.an_email())

    shown(case, now=now)
    assert all(one.at is None or one.at >= now for one in case.told)


@pytest.mark.parametrize("days", [1, 2, 3, 30])
def test_however_long_ago_the_operation_was(clinic, days):
    case = a_case(clinic, given.a_phone())
    case.day0 = clinic.site.today(playing.START) - timedelta(days=days)

    assert Reason.PAST in shown(case)


@pytest.mark.parametrize("zone", ["Pacific/Auckland", "Asia/Kolkata", "Pacific/Honolulu"])
def test_wherever_the_patient_recovers(clinic, zone):
    shown(a_case(clinic, given.a_phone(), time_zone=zone))


@pytest.mark.parametrize("language", ["es", "es-MX", "fr"])
def test_whatever_language_is_spoken(clinic, language):
    case = a_case(clinic, given.a_phone(), given.an_email(language="es"), language=language)

    shown(case)
    assert any("Camine" in one.text for one in case.told) == language.startswith("es")


def test_a_phone_that_may_have_refused(clinic):
    case = registered(a_case(clinic, given.a_phone()), held_since=playing.START)

    assert Reason.CONTACT_HELD in shown(case)


def test_a_phone_that_cannot_be_reached(clinic):
    case = registered(a_case(clinic, given.a_phone()), unusable_since=playing.START)

    assert shown(case) == {Reason.NO_CONTACT}


def test_a_phone_that_cannot_be_reached_beside_a_mailbox(clinic):
    case = registered(a_case(clinic, given.a_phone(), given.an_email()), unusable_since=playing.START)

    shown(case)
    assert {one.channel for one in case.told} == {"email"}


def test_a_phone_that_is_not_theirs_any_more(clinic):
    case = registered(a_case(clinic, given.a_phone()), ended_at=playing.START)

    assert shown(case) == {Reason.NO_CONTACT}


def test_no_contact_at_all(clinic):
    case = a_case(clinic)
    case.new = playing.without_contacts(case.new)

    assert shown(case) == {Reason.NO_CONTACT}


@pytest.mark.parametrize("channel", ["sms", "email"])
def test_a_site_without_a_sender(clinic, channel):
    clinic.site.senders.filter(channel=channel).delete()

    assert Reason.NO_SENDER in shown(a_case(clinic, given.a_phone(), given.an_email()))


@pytest.mark.parametrize("limits", [{"texts_a_day": 1, "texts_a_week": 2}, {"daily_cap": 1}, {"daily_cap": 0}])
@pytest.mark.parametrize("has_mailbox", [False, True])
def test_limits_of_texts(clinic, limits, has_mailbox):
    limit(clinic, **limits)
    case = a_case(clinic, given.a_phone(), *([given.an_email()] if has_mailbox else []))

    shown(case)
    assert held(case) & {Reason.CONTACT_LIMIT, Reason.SITE_LIMIT} or has_mailbox


def held(case: Case) -> set[Reason]:
    return {one.held for row in case.shown.rows for one in row.deliveries}


def test_texts_that_a_shared_phone_had_already_this_week(clinic):
    limit(clinic, texts_a_day=2, texts_a_week=2)
    earlier = playing.START - timedelta(days=2)
    first = enrolled(a_case(clinic, given.a_phone(PHONE)), earlier.date(), now=earlier)
    playing.send(playing.START, now=earlier)
    actions.cancel_surgery(first, why="fever", by=clinic.surgeon, now=playing.START)
    assert Delivery.objects.filter(channel="sms", attempt_count=1).count() == 2

    case = a_case(clinic, given.a_phone(PHONE), given_name="Ana")

    shown(case)
    assert Reason.CONTACT_LIMIT in held(case)


def enrolled(case: Case, day0: date | None, *, now: datetime = playing.START) -> Surgery:
    case.day0 = day0
    patient, clinic = case.patient or case.new, case.clinic
    return enrolment.enrol(patient, case.asked, site=clinic.site, by=clinic.surgeon, now=now)


def test_a_range_that_the_provider_blocks_for_an_hour(clinic):
    number = given.phone(71)
    due = datetime.combine(clinic.site.today(playing.START), time(16), clinic.site.zone)
    blocked_ranges.hold([number], now=due - timedelta(minutes=30))

    case = a_case(clinic, given.a_phone(number))

    shown(case, now=due - timedelta(minutes=5))
    assert due + timedelta(minutes=30) in {one.at for one in case.told}


LONG_AGO = playing.START.date() - playing.LONG_AGO


def test_one_person_twice_on_a_phone_is_not_named(clinic):
    enrolled(a_case(clinic, given.a_phone(PHONE)), LONG_AGO)
    case = a_case(clinic, given.a_phone(PHONE))

    shown(case)
    assert not any("J.M." in one.text for one in case.told)


@pytest.mark.parametrize("born", [date(1965, 4, 2), date(1965, 4, 21)])
def test_father_and_son_on_one_phone(clinic, born):
    """Named by the day of birth; and where that is the same, nobody is told by text."""
    enrolled(a_case(clinic, given.a_phone(PHONE), given_name="Joan", birth_date=born), LONG_AGO)

    assert (Reason.SAME_INITIALS in shown(a_case(clinic, given.a_phone(PHONE)))) == (born.day == 2)


@pytest.mark.parametrize("choice", RunningPlan.values)
@pytest.mark.parametrize("days", [600, 6, -6])
def test_somebody_who_is_enrolled_for_the_second_time(clinic, days, choice):
    """Long ago, six days ago, and in six days, so that the new plan is the one that gives way. With a limit."""
    limit(clinic, messages_a_day=1, messages_a_week=5)
    case = registered(a_case(clinic, given.a_phone(), given.an_email()))
    enrolled(case, playing.START.date() - timedelta(days=days))
    case.day0, case.running_plan = None, choice

    shown(case)
    assert Patient.objects.count() == 1


def test_a_phone_whose_day_another_patient_has_already(clinic):
    limit(clinic, messages_a_day=1, messages_a_week=5)
    enrolled(a_case(clinic, given.a_phone(PHONE), given_name="Ana"), None)

    case = a_case(clinic, given.a_phone(PHONE))

    shown(case)
    assert any(one.why == Reason.BUDGET for one in case.ended)


def limit(clinic: PreviewedClinic, **limits: int) -> None:
    for name, value in limits.items():
        setattr(clinic.site, name, value)
    clinic.site.save()
