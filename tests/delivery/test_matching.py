"""Which listed message is which attempt: given out by wording and time, and never guessed."""

from datetime import UTC, datetime, timedelta
from uuid import UUID

import pytest
from hypothesis import given
from hypothesis import strategies as st

from reminders.delivery.matching import Doubt, Lost, Sighting, match

T0 = datetime(2026, 3, 2, 15, 0, 0, 700_000, tzinfo=UTC)
MINUTE = timedelta(minutes=1)
OTHER_TIME = Doubt(other_time=True)


def lost(number: int, text: str = "Walk today.", *, after: timedelta = timedelta(), delivery: int = 0) -> Lost:
    started = T0 + after
    return Lost(UUID(int=number), delivery or number, text, started, gone_by=started + 2 * MINUTE)


def seen(sid: str, text: str = "Walk today.", *, after: timedelta = timedelta(), **facts) -> Sighting:
    values = {"status": "sent", "error_code": None, "to": "+12025550100", "sender": "+12025550199"}
    moment = (T0 + after).replace(microsecond=0)  # the provider tells whole seconds
    return Sighting(**(values | {"sid": sid, "text": text, "created_at": moment, "direction": "outbound-api"} | facts))


def given_out(attempts: list[Lost], listed: list[Sighting], **more) -> list[object]:
    verdicts = match(attempts, listed, **more)
    return [verdict.sid if isinstance(verdict := verdicts[one.attempt], Sighting) else verdict for one in attempts]


def test_the_same_words_since_the_attempt_began_are_the_message():
    assert given_out([lost(1)], [seen("SM1")]) == ["SM1"]


def test_other_words_or_another_direction_are_not():
    listed = [seen("SM1", "Other words."), seen("SM3", direction="inbound")]

    assert given_out([lost(1)], listed) == [None]


@pytest.mark.parametrize("minutes", [-15, -5, -60 * 24 * 30])
def test_the_same_words_at_an_earlier_time_which_nobody_owns_are_doubt_and_never_absence(minutes):
    listed = [seen("SM1", after=minutes * MINUTE)]

    assert given_out([lost(1)], listed) == [OTHER_TIME]
    assert given_out([lost(1)], listed, held={"SM1"}) == [None]


def test_with_a_clock_that_is_behind_no_lost_answer_of_several_is_taken_for_absent():
    attempts = [lost(1), lost(2, after=10 * MINUTE)]
    listed = [seen("SM1", after=15 * MINUTE), seen("SM2", after=25 * MINUTE)]

    assert None not in given_out(attempts, listed)


def test_an_answer_that_rode_in_a_webhook_is_no_attempt_of_ours_even_where_bodies_are_redacted():
    assert given_out([lost(1)], [seen("SM1", ""), seen("SM2", "", direction="outbound-reply")]) == ["SM1"]
    assert given_out([lost(1)], [seen("SM2", "", direction="outbound-reply")]) == [None]


def test_a_provider_whose_clock_is_a_minute_behind_is_believed():
    assert given_out([lost(1)], [seen("SM1", after=-MINUTE)]) == ["SM1"]


def test_spaces_and_a_trial_accounts_preface_do_not_hide_it():
    assert given_out([lost(1)], [seen("SM1", "Sent from your trial account -  Walk   today.")]) == ["SM1"]


def test_what_another_attempt_holds_or_another_site_sent_is_out_of_the_question():
    assert given_out([lost(1)], [seen("SM1")], held={"SM1"}) == [None]
    assert given_out([lost(1)], [seen("SM1")], foreign={"+12025550199"}) == [None]
    assert given_out([lost(1)], [seen("SM1", service="MG1")], foreign={"MG1"}) == [None]


def test_two_alike_to_one_phone_are_given_out_in_order_of_time():
    attempts = [lost(1), lost(2, after=MINUTE)]

    assert given_out(attempts, [seen("SM2", after=MINUTE), seen("SM1")]) == ["SM1", "SM2"]


def test_one_message_for_two_of_the_same_moment_is_doubt_for_both():
    attempts = [lost(1), lost(2, after=MINUTE)]

    assert given_out(attempts, [seen("SM1")]) == [Doubt(), Doubt()]


def test_one_message_for_two_tries_of_one_delivery_says_that_it_has_left():
    tries = [lost(1, delivery=7), lost(2, delivery=7, after=MINUTE)]

    assert given_out(tries, [seen("SM2", after=MINUTE)]) == [Doubt(), "SM2"]
    assert given_out(tries, [seen("SM2", "", after=MINUTE)]) == [Doubt(), "SM2"]
    assert given_out(tries, [seen("SM1"), seen("SM2", after=MINUTE)]) == ["SM1", "SM2"]
    assert given_out(tries, [seen(f"SM{n}") for n in range(3)]) == [Doubt(), Doubt()]
    assert given_out([*tries, lost(3)], [seen("SM2", after=MINUTE)]) == [Doubt()] * 3


def test_the_same_words_another_day_are_another_days_message():
    attempts = [lost(1), lost(2, after=24 * 60 * MINUTE)]

    assert given_out(attempts, [seen("SM2", after=24 * 60 * MINUTE)]) == [None, "SM2"]


def test_what_a_stopped_process_sent_an_hour_later_is_still_its_own():
    assert given_out([lost(1)], [seen("SM1", after=60 * MINUTE)]) == ["SM1"]


def test_one_message_more_than_attempts_is_doubt():
    assert given_out([lost(1)], [seen("SM1"), seen("SM2", after=MINUTE)]) == [Doubt()]


def test_a_message_that_only_an_earlier_attempt_can_have_sent_is_not_the_later_ones():
    attempts = [lost(1), lost(2, after=10 * MINUTE)]

    assert given_out(attempts, [seen("SM1")]) == ["SM1", None]


def test_where_bodies_are_redacted_count_and_time_decide():
    attempts = [lost(1), lost(2, "Other words.", after=MINUTE)]

    assert given_out([lost(1)], [seen("SM1", "")]) == ["SM1"]
    assert given_out(attempts, [seen("SM1", ""), seen("SM2", "", after=MINUTE)]) == ["SM1", "SM2"]
    assert given_out(attempts, [seen("SM1", "")]) == [Doubt(), Doubt()]
    assert given_out([lost(1)], [seen("SM1", "", after=60 * MINUTE)]) == [OTHER_TIME]
    assert given_out([lost(1)], [seen("SM1", "", after=-15 * MINUTE)]) == [OTHER_TIME]
    assert given_out([lost(1)], [seen("SM1", "", after=25 * 60 * MINUTE)]) == [None]


def test_an_empty_list_shows_nothing():
    assert given_out([lost(1)], []) == [None]


moments = st.integers(0, 40).map(lambda half_minutes: half_minutes * MINUTE / 2)
words = st.sampled_from(["Walk today.", "Other words."])


@given(
    attempts=st.lists(st.tuples(words, moments), max_size=5),
    listed=st.lists(st.tuples(st.one_of(words, st.just("")), moments), max_size=5),
    deliveries=st.integers(1, 5),
)
def test_no_message_is_two_attempts_and_none_that_fits_is_overlooked(attempts, listed, deliveries):
    sent = [lost(n, text, after=after, delivery=1 + n % deliveries) for n, (text, after) in enumerate(attempts)]
    sightings = [seen(f"SM{n}", text, after=after) for n, (text, after) in enumerate(listed)]

    verdicts = match(sent, sightings)

    taken = [one.sid for one in verdicts.values() if isinstance(one, Sighting)]
    assert len(taken) == len(set(taken))
    assert set(verdicts) == {one.attempt for one in sent}
    for one in sent:
        fits = [s for s in sightings if s.text in (one.text, "") and abs(s.created_at - one.started_at) < MINUTE]
        assert verdicts[one.attempt] is not None or not fits, "it would be sent again"
