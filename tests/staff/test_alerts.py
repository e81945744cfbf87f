"""Alerts on the board and on their page: who sees them, what stands there, and how closing answers."""

from datetime import timedelta

import pytest
import time_machine
from django.test import Client
from django.urls import reverse

from patients.models import Site
from reminders.admin.alerts import AlertRuleForm
from reminders.replies.alerts import raising
from reminders.replies.models import Alert, AlertRule, CheckIn, SiteSign
from tests.given import NOW, a_phone, an_enrolment, phone
from tests.replies.test_inbound import text_in
from tests.staff.admin_pages import change, text
from tests.staff.people import ThreePeople, a_manager, signed_in, three_people

pytestmark = pytest.mark.django_db
MINUTE = timedelta(minutes=1)


@pytest.fixture(autouse=True)
def clock():
    with time_machine.travel(NOW, tick=False):
        yield


@pytest.fixture
def people() -> ThreePeople:
    return three_people()


@pytest.fixture
def alert(people) -> Alert:
    an_enrolment(people.site, a_phone(phone(14)), by=people.owner, day=3)
    text_in(people.site, "I have chest pain since noon", sender=phone(14))
    return Alert.objects.get()


def board(staff) -> str:
    return text(signed_in(staff).get(reverse("staff:board")))


def do(client: Client, alert: Alert, deed: str, **data: str):
    return client.post(reverse(f"staff:alert-{deed}", args=[alert.pk]), data, follow=True)


def test_the_board_tells_who_what_by_when_and_whose(people, alert):
    shown = board(people.colleague)

    for part in (
        "Ana Ruiz", "I have chest pain since noon", "chest pain, breathlessness or coughing blood", "emergency",
        "answer by 10:15 (in 15 min)", "nobody has taken it; for surgeon", "+1 202-555-0114",
    ):  # fmt: skip
        assert part in shown


def test_a_late_one_says_by_how_much_and_stands_first(people, alert):
    raising.raise_alert(site=people.site, level="D", signs=["fever"], now=NOW - timedelta(hours=1, minutes=40))

    with time_machine.travel(NOW + 21 * MINUTE, tick=False):
        shown = board(people.owner)

    assert "answer by 10:15 (late by 6 min)" in shown
    assert shown.index("late by 6 min") < shown.index("answer by 10:20 (late by 1 min)")
    assert "2 late" in shown


def test_an_emergency_stands_above_what_is_late(people, alert):
    raising.raise_alert(site=people.site, level="D", signs=["fever"], now=NOW - timedelta(hours=9))

    shown = board(people.owner)

    assert shown.index("chest pain, breathlessness") < shown.index("late by")


def test_a_stranger_sees_none_of_it_and_changes_none_of_it(people, alert):
    stranger = signed_in(people.stranger)

    assert "chest pain" not in text(stranger.get(reverse("staff:board")))
    assert stranger.get(reverse("staff:alert", args=[alert.pk])).status_code == 404
    for deed in ("take", "hand-over", "close"):
        assert do(stranger, alert, deed, outcome="reached", to="manager").status_code == 404
    alert.refresh_from_db()
    assert (alert.owner, alert.owner_role, alert.closed_at) == (None, "surgeon", None)


def test_a_colleague_takes_it_and_closes_it_with_its_outcome(people, alert):
    desk = signed_in(people.colleague)

    taken, closed = do(desk, alert, "take"), do(desk, alert, "close", outcome="reached", note="is fine")

    assert "taken by you" in text(taken)
    assert "Closed. It is off the board." in text(closed)
    alert.refresh_from_db()
    assert (alert.owner, alert.outcome, alert.outcome_note) == (people.colleague, "reached", "is fine")
    assert "chest pain" not in text(closed)


def test_without_an_outcome_it_stays_and_what_was_typed_is_still_there(people, alert):
    answer = do(signed_in(people.owner), alert, "close", note="called twice")

    assert answer.status_code == 422
    assert "Give the outcome" in text(answer)
    assert 'value="called twice"' in text(answer)


def test_its_page_tells_what_was_done_and_hands_it_over(people, alert):
    client = signed_in(people.owner)

    handed = do(client, alert, "hand-over", to=f"{people.colleague.pk}", back="alert")
    refused = do(client, alert, "hand-over", to=f"{people.stranger.pk}", back="alert")

    assert "handed to Ida Hale, not taken yet" in text(handed)
    assert "Alert handed over by Ida Hale: Ida Hale" in text(handed)
    assert refused.status_code == 422
    page = text(client.get(reverse("staff:alert", args=[alert.pk])))
    assert 'href="tel:+12025550114"' in page
    assert "I have chest pain since noon" in page


def test_it_is_offered_to_nobody_who_left_nor_works_elsewhere(people, alert):
    for name, staff in (("Stays", people.colleague), ("Left", a_manager(people.site)), ("Elsewhere", people.stranger)):
        staff.last_name, staff.is_active = name, name != "Left"
        staff.save()

    page = text(signed_in(people.owner).get(reverse("staff:alert", args=[alert.pk])))

    assert [name in page for name in ("Ida Stays", "Ida Left", "Ida Elsewhere")] == [True, False, False]


def test_one_that_is_closed_says_what_came_of_it(people, alert):
    client = signed_in(people.owner)
    do(client, alert, "close", outcome="sent_on")

    page = text(client.get(reverse("staff:alert", args=[alert.pk])))

    assert "by Ida Hale: sent to emergency care." in page
    assert "Close it" not in page


def test_one_from_a_number_nobody_knows_is_shown_too(people):
    text_in(people.site, "I can't breathe", sender=phone(99))

    assert "Unknown number" in board(people.owner)
    assert "+1 202-555-0199" in board(people.owner)


def test_one_of_a_check_in_shows_what_was_answered(people):
    surgery = an_enrolment(people.site, a_phone(phone(14)), by=people.owner, day=3)
    check_in = CheckIn.objects.create(
        site=people.site, surgery=surgery, reminder=surgery.reminders.first(), asked_at=NOW, pain=9, wound=False
    )
    raised = {"site": people.site, "surgery": surgery, "now": NOW, "check_in": check_in}
    raising.raise_alert(level="D", signs=["pain"], **raised)
    raising.raise_alert(level="R", signs=["two_check_ins_unanswered"], **raised)

    shown = board(people.colleague)

    assert "check-in: pain 9 of 10, wound: no" in shown
    assert "two check-ins unanswered: call and ask" in shown
    assert "+1 202-555-0114" in shown


# What a clinic sets


def rule(site: Site, **values: object) -> dict[str, list[str]]:
    told = {"site": site.pk, "level": "E", "owner_role": "surgeon", "minutes": 15, "wording": "{}"} | values
    return dict(AlertRuleForm(told).errors)


@pytest.mark.parametrize(
    ("values", "wrong"),
    [
        ({}, ""),
        ({"minutes": 61}, "answered within 60 minutes"),
        ({"level": "D", "minutes": 240}, ""),
        ({"wording": '{"en": "Call {phone}"}'}, "{emergency} must stand in it"),
        ({"wording": '{"en": "Call {emergency}", "es": "Llame {nadie}"}'}, "can stand in braces"),
        ({"level": "D", "wording": '{"en closed": "Call {emergency}"}'}, "{opens} must stand in it"),
        ({"wording": '["a"]'}, "by language"),
        ({"level": "R", "wording": '{"en": "Hello {emergency}"}'}, "No text is sent"),
    ],
)
def test_what_a_rule_must_not_say(people, values, wrong):
    found = " ".join(str(words) for errors in rule(people.site, **values).values() for words in errors)

    assert bool(found) == bool(wrong)
    assert wrong in found


def test_a_manager_adds_a_phrase_and_whoever_is_none_does_not(people):
    manager = signed_in(a_manager(people.site))
    form = manager.get(change(people.site)).context["adminform"].form
    inlines = manager.get(change(people.site)).context["inline_admin_formsets"]
    data = {name: "" if value is None else value for name, value in form.initial.items()}
    for inline in inlines:
        prefix = inline.formset.prefix
        data |= {f"{prefix}-TOTAL_FORMS": "0", f"{prefix}-INITIAL_FORMS": "0"}
    prefix = next(i.formset.prefix for i in inlines if i.formset.model is SiteSign)
    data |= {f"{prefix}-TOTAL_FORMS": "1", f"{prefix}-0-language": "en", f"{prefix}-0-level": "E"}
    data |= {f"{prefix}-0-phrase": "pump beeps", f"{prefix}-0-site": people.site.pk}
    data |= {"languages": "en, es", "text_countries": "", "staffed_weekdays": ["0", "1"]}
    data = {name: value for name, value in data.items() if value is not False}

    refused = signed_in(people.colleague).post(change(people.site), data)
    assert (refused.status_code, SiteSign.objects.count()) == (403, 0)
    answer = manager.post(change(people.site), data)

    assert answer.status_code == 302, answer.context["errors"]
    sign = SiteSign.objects.get()
    assert (sign.phrase, sign.site, sign.added_at) == ("pump beeps", people.site, NOW)


def test_without_any_rule_class_e_is_there(people, alert):
    AlertRule.objects.all().delete()
    SiteSign.objects.all().delete()

    text_in(people.site, "my leg is paralyzed", sender=phone(99))

    assert Alert.objects.filter(level="E").count() == 2


def test_all_its_texts_stand_on_its_page_and_the_most_urgent_on_the_board(people, alert):
    text_in(people.site, "and my wound is red", sender=phone(14), provider_id="SM-2")

    shown, page = board(people.colleague), text(signed_in(people.owner).get(reverse("staff:alert", args=[alert.pk])))

    assert "I have chest pain since noon" in shown
    assert "and 1 more" in shown
    assert "chest pain, breathlessness or coughing blood, wound red, hot, opening or leaking" in shown
    for words in ("I have chest pain since noon", "and my wound is red", "emergency", "call today"):
        assert words in page
