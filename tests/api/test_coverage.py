"""Messages that were due and did not arrive, through the API: own sites only, paged, each with its reason."""

from datetime import timedelta

import pytest

from patients import clock
from reminders.plan.models import Reminder
from tests.api.problems import problem, rows

URL = "/api/v1/coverage/"


@pytest.fixture
def missed(surgery) -> list[int]:
    """The first three of the plan, an hour ago: one failed, one left out by a surgeon, one not sent yet."""
    now = clock.now()
    Reminder.objects.filter(surgery=surgery, due_at__lte=now).update(status="done", reason="")
    keys = list(Reminder.objects.filter(surgery=surgery, due_at__gt=now).values_list("pk", flat=True)[:3])
    standings = [("failed", "undelivered"), ("skipped", "left_out"), ("planned", "")]
    for key, (status, reason) in zip(keys, standings, strict=True):
        Reminder.objects.filter(pk=key).update(
            status=status, reason=reason, due_at=now - timedelta(hours=1), useful_until=now + timedelta(hours=1)
        )
    return keys


@pytest.mark.parametrize("who", ["owner", "colleague"])
def test_people_of_the_site_read_what_is_missing_and_why(request, as_, missed, who):
    client = as_(request.getfixturevalue(who))

    listed = {row["id"]: (row["kind"], row["why"]) for row in rows(client.get(URL))}

    assert listed == {
        missed[0]: ("failed", "The carrier could not deliver it."),
        missed[1]: ("different", "A surgeon or manager took it out of this plan."),
        missed[2]: ("waiting", "It is due and is waiting to be sent."),
    }
    assert [row["id"] for row in rows(client.get(f"{URL}?kind=failed"))] == [missed[0]]


def test_it_is_counted_per_step_with_the_same_filters(as_, owner, colleague, stranger, missed):
    codes = dict(Reminder.objects.filter(pk__in=missed).values_list("pk", "step_code"))

    counted = {row["step"]: (row["missing"], row["messages"]) for row in as_(colleague).get(f"{URL}steps/").json()}

    assert sum(missing for missing, _ in counted.values()) == 2
    assert counted[codes[missed[0]]][1]["failed"] == 1
    assert [row["step"] for row in as_(owner).get(f"{URL}steps/?kind=failed").json()] == [codes[missed[0]]]
    assert as_(stranger).get(f"{URL}steps/").json() == []


def test_for_a_stranger_there_is_none(as_, stranger, missed):
    assert rows(as_(stranger).get(URL)) == []
    assert rows(as_(stranger).get(f"{URL}?site=riverside")) == []


def test_it_comes_in_pages_with_one_query_each_and_knows_its_filters(as_, owner, missed, django_assert_max_num_queries):
    client = as_(owner)
    with django_assert_max_num_queries(6):
        first = client.get(f"{URL}?page_size=2").json()

    assert [row["id"] for row in first["results"]] == missed[:2]
    assert [row["id"] for row in rows(client.get(first["next"]))] == missed[2:]
    problem(client.get(f"{URL}?knd=failed"), 400)
