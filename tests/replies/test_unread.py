"""A text nobody has read in time is told of where people and machines look."""

from datetime import timedelta

import pytest

from reminders.replies.alerts import staffed_hours, unread
from reminders.replies.models import Reply
from tests import given
from tests.replies.test_inbound import text_in
from tests.replies.test_staffed_hours import EVERY_DAY, NEVER, NEW_YORK, WEEK, local

HOUR, DAY = timedelta(hours=1), timedelta(days=1)
MONDAY_EVENING, TUESDAY_EVENING = local("2026-03-02T18:00"), local("2026-03-03T18:00")


@pytest.fixture
def monday(site):
    return text_in(site, "my back feels odd today", now=given.NOW)


def test_a_text_waits_for_the_end_of_the_next_staffed_day_and_is_then_told_of(site, monday):
    assert unread.warnings(MONDAY_EVENING, site) == []
    assert unread.warnings(TUESDAY_EVENING - 2 * HOUR, site) == []

    (found,) = unread.warnings(TUESDAY_EVENING, site)

    assert (found.kind, found.urgent, found.on_board, found.people) == ("unread", False, True, 0)
    assert found.sentence == "1 text is waiting to be read since Mon 2 Mar, 10:00: read it on the board."


def test_every_site_is_told_of_in_one_sentence_and_each_only_of_its_own(site, monday):
    hillside = given.a_site("hillside")
    for n in range(2):
        text_in(hillside, f"where do I park {n}", now=given.NOW + n * HOUR)

    (all_of_them,), (theirs,) = unread.warnings(TUESDAY_EVENING), unread.warnings(TUESDAY_EVENING, hillside)

    assert all_of_them.sentence.startswith("3 texts are waiting to be read since Mon 2 Mar")
    assert theirs.sentence.startswith("2 texts are waiting")
    assert (all_of_them.site, theirs.site) == (None, hillside.pk)


def test_what_was_read_and_what_no_clinic_got_are_not_told_of(site, monday):
    text_in(site, "where are you?", to="+12025550199", now=given.NOW)
    Reply.objects.filter(pk=monday.pk).update(handled_at=given.NOW)

    assert unread.warnings(TUESDAY_EVENING) == []


@pytest.mark.parametrize("hours", [WEEK, EVERY_DAY])
def test_it_is_late_exactly_when_the_next_staffed_day_has_ended(hours):
    moments = [local("2026-02-25T00:30") + n * 7 * HOUR for n in range(60)]
    for now in moments:
        before = staffed_hours.last_day_over(now, hours)
        assert before.astimezone(NEW_YORK).hour == 0
        for at in moments:
            assert (at < before) == (staffed_hours.end_of_next_day(at, hours) <= now)


def test_a_site_where_nobody_ever_is_is_given_a_day():
    assert staffed_hours.last_day_over(given.NOW, NEVER) == given.NOW - DAY
