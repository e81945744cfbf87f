"""What a surgeon changes about one plan on the record: shown first, then done, listed, and taken back."""

import re
from datetime import timedelta

import pytest
from django.test import Client

from patients import clock
from reminders.plan import signing
from reminders.plan.models import CarePlan, PlanChange, Reminder
from reminders.plan.values import ChangeKind
from reminders.plan.version_review import judge
from reminders.plan_changes import Wish, decide
from tests.given import a_phone, an_email, an_enrolment
from tests.staff.people import signed_in, three_people

pytestmark = pytest.mark.django_db


@pytest.fixture
def people():
    return three_people()


@pytest.fixture
def surgery(people):
    return an_enrolment(people.site, a_phone("+12025550120"), an_email(), by=people.owner, day=3, now=clock.now())


@pytest.fixture
def owner(people):
    return signed_in(people.owner)


def record(surgery) -> str:
    return f"/staff/surgeries/{surgery.pk}/"


def text(response) -> str:
    return re.sub(r"\s+", " ", response.content.decode().replace("&#x27;", "'"))


def today(surgery):
    return surgery.site.today(clock.now())


def message(surgery, code: str) -> Reminder:
    return Reminder.objects.get(surgery=surgery, step_code=code, occurrence=0)


def acts(surgery):
    about = message(surgery, "check-in-6").pk
    return [
        ("hold", {"starts": f"{today(surgery)}"}, "messages wait until the plan is released"),
        ("hold", {"starts": f"{today(surgery)}", "ends": f"{today(surgery) + timedelta(days=4)}"}, "messages move"),
        ("shift", {"phase": "weeks-3-6", "days": "5"}, "messages move"),
        ("pace", {"percent": "125"}, "Slower: 125 %."),
        ("order_pt", {"phase": "weeks-3-6", "to": "ordered"}, "Physical therapy from “Weeks 3 to 6"),
        ("check_up", {"check_up": "first-visit:0", "days": "5"}, "is a safety check-up"),
        ("date", {"date": f"{surgery.date + timedelta(days=2)}"}, "Day of surgery moved from"),
        ("skip", {"about": about}, "1 message is left out"),
        ("delay", {"about": about, "days": "2"}, "1 message moves"),
        ("replace", {"about": about, "to": "check-in-3"}, "1 message has another text"),
        ("add", {"step": "check-in-6", "starts": f"{today(surgery) + timedelta(days=9)}"}, "1 message is new"),
    ]


def plan(surgery):
    return list(
        surgery.reminders.exclude(status="cancelled").order_by("pk").values_list("pk", "due_at", "status", "step")
    )


@pytest.mark.parametrize("number", range(11))
def test_each_act_is_shown_first_then_done_and_can_be_undone(surgery, people, owner, number):
    verb, typed, said = acts(surgery)[number]
    url, before, typed = f"{record(surgery)}change/{verb}/", plan(surgery), typed | {"why": "seen today"}

    shown = text(owner.post(url, typed))
    assert said in shown
    assert "nothing is sent twice" in shown
    assert (plan(surgery), PlanChange.objects.count()) == (before, 0)

    assert owner.post(url, typed | {"revision": "0"}).status_code == 302
    change = PlanChange.objects.get()
    assert (change.why, change.by) == ("seen today", people.owner)
    assert plan(surgery) != before
    listed = text(owner.get(record(surgery)))
    assert "seen today" in listed
    assert "Undo: " in listed

    undo = f"{record(surgery)}change/undo/"
    assert "Taken back: " in text(owner.post(undo, {"about": change.pk}))
    owner.post(undo, {"about": change.pk, "revision": "1"})
    change.refresh_from_db()
    assert change.undone_by == people.owner
    assert plan(surgery) == before
    assert "taken back: " in text(owner.get(record(surgery)))


def test_a_plan_moves_to_another_signed_version_and_back(surgery, people, owner):
    draft = signing.new_version(surgery.care_plan.version, by=people.owner, now=clock.now())
    draft.steps.filter(code="check-in-6").delete()
    signing.sign(draft, by=people.owner, now=clock.now(), read=judge(draft).warnings)
    url, typed = f"{record(surgery)}change/version/", {"version": draft.pk, "why": "new wording"}

    shown = text(owner.post(url, typed))
    assert "1 message is not in the plan any more." in shown
    assert "have another text" not in shown
    owner.post(url, typed | {"revision": "0"})

    assert CarePlan.objects.get(surgery=surgery).version == draft
    assert "version 1 to MISS, base timeline, version 2" in text(owner.get(record(surgery)))


def test_a_held_plan_says_so_until_it_is_released(surgery, people, owner):
    decide(surgery, Wish(ChangeKind.HOLD), why="wound infection", by=people.owner, now=clock.now())
    waiting = surgery.reminders.filter(reason="plan_held").count()

    page = text(owner.get(record(surgery)))
    assert f"Held since {today(surgery).day} March 2026: wound infection. {waiting} messages wait." in page

    later = today(surgery) + timedelta(days=3)
    url = f"{record(surgery)}change/release/"
    assert "messages come back" in text(owner.post(url, {"ends": f"{later}"}))
    owner.post(url, {"ends": f"{later}", "revision": "1"})
    assert "3 days later: the plan was held" in text(owner.get(record(surgery)))
    assert not surgery.reminders.filter(reason="plan_held").exists()


def test_the_second_of_two_who_decide_is_told_and_keeps_what_was_typed(surgery, people, owner):
    decide(surgery, Wish(ChangeKind.PACE, percent=120), why="age", by=people.owner, now=clock.now())

    response = owner.post(
        f"{record(surgery)}change/hold/",
        {"starts": f"{today(surgery)}", "ends": "", "why": "fever since noon", "revision": "0"},
    )

    page = text(response)
    assert response.status_code == 409
    assert "Somebody changed this plan after you opened it" in page
    assert 'value="fever since noon"' in page
    assert CarePlan.objects.get(surgery=surgery).revision == 1


REFUSED = [
    ("hold", {"starts": "2026-03-02", "why": ""}, "Say in a few words why."),
    ("hold", {"starts": "soon", "why": "x"}, "This is not a day"),
    ("pace", {"percent": "10", "why": "x"}, "between 50 and 300 percent"),
    ("shift", {"phase": "weeks-3-6", "days": "0", "why": "x"}, "Enter a number of days"),
    ("version", {"version": "999", "why": "x"}, "Select a valid choice"),
    ("release", {"ends": "2026-03-02"}, "there is nothing to release"),
    ("undo", {"about": "999"}, "Select a valid choice"),
]


@pytest.mark.parametrize(("verb", "typed", "said"), REFUSED)
def test_what_does_not_fit_is_refused_with_a_sentence(surgery, owner, verb, typed, said):
    response = owner.post(f"{record(surgery)}change/{verb}/", typed | {"revision": "0"})

    assert response.status_code == 422
    assert said in text(response)
    assert not PlanChange.objects.exists()


def test_one_message_offers_what_can_be_done_with_it(surgery, owner):
    page = text(owner.get(f"/staff/reminders/{message(surgery, 'check-in-6').pk}/change/"))

    assert all(act in page for act in (">Skip<", ">Postpone<", ">Replace<"))


def test_every_act_works_without_scripts(surgery, people):
    """Each form has its address and its token, on the record, on a message's page and where it is shown first."""
    decide(surgery, Wish(ChangeKind.PACE, percent=120), why="age", by=people.owner, now=clock.now())
    client = Client(enforce_csrf_checks=True)
    client.force_login(people.owner)
    pages = [client.get(record(surgery)), client.get(f"/staff/reminders/{message(surgery, 'check-in-6').pk}/change/")]

    found = [form for page in pages for form in re.findall(r'<form class="act".*?</form>', text(page))]
    verbs = [re.search(r'action="/staff/surgeries/\d+/change/(\w+)/"', form)[1] for form in found]
    assert verbs == ["hold", "shift", "check_up", "pace", "order_pt", "add", "date", "undo", "skip", "delay", "replace"]
    token = re.search(r'name="csrfmiddlewaretoken" value="(\w+)"', found[0])[1]
    typed = {"starts": f"{today(surgery)}", "why": "fever", "csrfmiddlewaretoken": token}
    shown = text(client.post(f"{record(surgery)}change/hold/", typed))
    [save] = re.findall(r'<form method="post" action="/staff/surgeries/\d+/change/hold/">.*?</form>', shown)
    hidden = dict(re.findall(r'name="(\w+)" value="([^"]*)"', save))
    assert client.post(f"{record(surgery)}change/hold/", hidden).status_code == 302
    assert PlanChange.objects.get(kind="hold").why == "fever"


def test_reception_reads_what_was_decided_and_a_stranger_finds_nothing(surgery, people):
    change = decide(surgery, Wish(ChangeKind.HOLD), why="fever", by=people.owner, now=clock.now()).change
    colleague, stranger = signed_in(people.colleague), signed_in(people.stranger)
    posts = [("pace", {"percent": "120", "why": "x"}), ("undo", {"about": change.pk})]
    posts += [("release", {"ends": f"{today(surgery)}"})]

    page = text(colleague.get(record(surgery)))
    assert "fever" in page
    assert "Change the plan" not in page
    for verb, typed in posts:
        for seen in ({}, {"revision": "1"}):
            url = f"{record(surgery)}change/{verb}/"
            assert stranger.post(url, typed | seen).status_code == 404, verb
            refused = colleague.post(url, typed | seen)
            assert (refused.status_code, "Only a surgeon or a manager" in text(refused)) == (403, True), verb
    assert stranger.get(f"/staff/reminders/{message(surgery, 'check-in-6').pk}/change/").status_code == 404
    change.refresh_from_db()
    assert change.undone_at is None
