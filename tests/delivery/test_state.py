"""Reports come late, twice and in any order; the state they add up to is the same."""

from itertools import permutations, product

import pytest
from hypothesis import given
from hypothesis import strategies as st

from reminders.delivery import codes
from reminders.delivery.codes import Class
from reminders.delivery.state import (
    FROM_PROVIDER,
    MAY_FOLLOW,
    MEANS,
    OPEN,
    RULES,
    AttemptEvidence,
    Finding,
    State,
    derive,
    promise_of,
)

WORDS = [*FROM_PROVIDER, "undelivered", "failed", "receiving", "received", "a word of tomorrow"]
NUMBERS = sorted({0, 99999, *(number for number, where, *_ in codes.ROWS if "C" in where)})
OUTCOMES = ["", "accepted", "refused", "not_processed", "unknown"]

reports = st.lists(st.tuples(st.sampled_from(WORDS), st.sampled_from(NUMBERS)), max_size=6)
attempts = st.lists(
    st.tuples(st.sampled_from(OUTCOMES), st.sampled_from(NUMBERS), reports), min_size=1, max_size=3
).map(lambda known: [AttemptEvidence(n, *one[:2], frozenset(one[2])) for n, one in enumerate(known, start=1)])


def of(*words: str | tuple[str, int], outcome: str = "accepted", tried: int = 0) -> tuple[str, str]:
    """What one attempt comes to."""
    told = frozenset((word, 0) if isinstance(word, str) else word for word in words)
    standing = derive([AttemptEvidence(1, outcome, 0, told)], tried=tried)
    return standing.state, standing.reason


@given(attempts, st.randoms(use_true_random=False))
def test_the_order_of_attempts_is_their_number_and_nothing_else(known, chance):
    shuffled = known * 2
    chance.shuffle(shuffled)

    assert derive(shuffled) == derive(known)


@given(reports, st.tuples(st.sampled_from(WORDS), st.sampled_from(NUMBERS)))
def test_one_more_report_never_takes_a_finding_back(earlier, late):
    before = derive([AttemptEvidence(1, "accepted", 0, frozenset(earlier))], tried=9)
    after = derive([AttemptEvidence(1, "accepted", 0, frozenset([*earlier, late]))], tried=9)

    assert after.finding >= before.finding


@given(attempts, reports)
def test_of_an_older_attempt_only_good_news_counts(known, late):
    newer = [*known, AttemptEvidence(len(known) + 1, "accepted")]
    older = AttemptEvidence(1, "accepted", 0, frozenset(late))

    arrived = any(FROM_PROVIDER.get(word) == Finding.ARRIVED for heard in newer for word, _ in heard.words)
    arrived = arrived or any(FROM_PROVIDER.get(word) == Finding.ARRIVED for word, _ in late)

    assert derive([*newer, older]).state == (State.DELIVERED if arrived else State.ACCEPTED)


@pytest.mark.parametrize(
    ("words", "state", "reason"),
    [
        ((), "accepted", ""),
        (("queued",), "accepted", ""),
        (("sent", "queued"), "sent", ""),
        (("partially_delivered",), "sent", ""),
        (("read",), "delivered", ""),
        (("canceled",), "undelivered_perm", "undelivered"),
        (("receiving",), "accepted", ""),
        (("a word of tomorrow",), "accepted", ""),
        ((("undelivered", 30003), "sent"), "undelivered_temp", "temporary"),
        ((("undelivered", 30005), "sent"), "undelivered_perm", "undelivered"),
        ((("failed", 30005), "delivered"), "delivered", ""),
        ((("failed", 21610), "sent"), "suppressed", "no_consent"),
        ((("failed", 30036),), "expired", "expired"),
        ((("failed", 30410), "sent", "queued"), "unknown", "answer_lost"),
        ((("failed", 30410), ("undelivered", 30005)), "undelivered_perm", "undelivered"),
        ((("failed", 30034), "sent"), "queued", "breaker"),
        ((("failed", 99999),), "undelivered_temp", "temporary"),
        ((("failed", 0),), "undelivered_temp", "temporary"),
        ((("sent", 30005),), "sent", ""),
        ((("delivered", 30005),), "delivered", ""),
    ],
)
def test_what_reports_add_up_to_in_any_order(words, state, reason):
    assert {of(*order) for order in permutations(words)} == {(state, reason)}


@pytest.mark.parametrize(
    ("outcome", "code", "state", "reason"),
    [
        ("", 0, "claimed", ""),
        ("accepted", 0, "accepted", ""),
        ("unknown", 0, "unknown", "answer_lost"),
        ("not_processed", 429, "queued", "try_again"),
        ("refused", 21211, "rejected", "refused"),
        ("refused", 21610, "suppressed", "no_consent"),
        ("refused", 20003, "queued", "breaker"),
        ("refused", 21606, "queued", "breaker"),
        ("refused", 21609, "queued", "breaker"),
        ("refused", 20500, "unknown", "answer_lost"),
        ("refused", 21611, "undelivered_temp", "temporary"),
        ("refused", 99999, "undelivered_temp", "temporary"),
    ],
)
def test_what_an_answer_alone_means(outcome, code, state, reason):
    standing = derive([AttemptEvidence(1, outcome, code)])

    assert (standing.state, standing.reason) == (state, reason)


@pytest.mark.parametrize("code", [30003, 30008, 30017, 30022, 30023, 99999])
def test_a_temporary_failure_is_temporary_as_often_as_the_table_says(code):
    times = codes.look_up(code, "C").retries

    ends = [of(("undelivered", code), tried=tried) for tried in range(times + 2)]

    temporary, spent = ("undelivered_temp", "temporary"), ("undelivered_perm", "tries_spent")
    assert ends == [temporary] * times + [spent] * 2
    assert times >= 1


def test_a_refusal_that_was_tried_often_enough_is_a_rejection():
    assert derive([AttemptEvidence(2, "refused", 99999)], tried=1).state == State.REJECTED


def test_nothing_was_tried_yet():
    assert derive([]).state == State.QUEUED


def test_delivered_is_the_end_and_no_other_end_is_left_but_for_it():
    final = [state for state in State if state not in OPEN]

    left = {(state, MEANS[finding][0]) for state, finding in product(final, Finding) if state in MAY_FOLLOW[finding]}

    assert left == {(state, State.DELIVERED) for state in final if state != State.DELIVERED}
    assert not [rule for rule in RULES.values() if State.DELIVERED in rule.since]


def test_no_rule_but_t11_leaves_an_end():
    final = {state for state in State if state not in OPEN}

    assert {name for name, rule in RULES.items() if final & set(rule.since)} == {"T11"}


def test_nothing_but_a_timer_or_a_person_takes_a_failure_back_to_the_queue():
    back = {name for name, rule in RULES.items() if rule.to == State.QUEUED}

    assert back == {"T1", "T2c", "T4", "T5b", "T8", "T13"}


@pytest.mark.parametrize("state", list(State))
def test_every_state_that_is_no_end_can_be_left_and_every_state_reached(state):
    assert any(rule.to == state for rule in RULES.values())
    assert state == State.DELIVERED or any(state in rule.since for rule in RULES.values())


@pytest.mark.parametrize("row", codes.ROWS, ids=lambda row: f"{row[0]}{row[1]}")
def test_each_code_of_the_table_leads_to_a_state_of_its_class(row):
    number, where, cls, _, _ = row
    if "C" in where:
        standing = derive([AttemptEvidence(1, "accepted", 0, frozenset([("failed", number)]))])
    else:
        standing = derive([AttemptEvidence(1, "refused", number, by_mail="M" in where)])

    allowed = {
        Class.ACCOUNT: {"queued"},
        Class.NOT_PROCESSED: {"queued"},
        Class.AMBIGUOUS: {"unknown"},
        Class.OPTED_OUT: {"suppressed"},
        Class.EXPIRED: {"expired"},
        Class.TEMPORARY: {"undelivered_temp", "undelivered_perm", "rejected"},
        Class.BUG: {"undelivered_perm", "rejected", "queued"},
    }
    assert standing.state in allowed.get(cls, {"undelivered_perm", "rejected"})


@pytest.mark.parametrize(
    ("deliveries", "status"),
    [
        ([("delivered", "sms", ""), ("rejected", "sms", "refused")], ("done", "")),
        ([("undelivered_perm", "sms", "undelivered"), ("sent", "email", "")], ("done", "")),
        ([("sent", "sms", "")], ("in_progress", "")),
        ([("undelivered_temp", "sms", "temporary")], ("in_progress", "")),
        ([("undelivered_perm", "sms", "tries_spent"), ("queued", "email", "")], ("in_progress", "")),
        ([("undelivered_perm", "sms", "tries_spent"), ("suppressed", "email", "no_text")], ("failed", "tries_spent")),
        ([("unconfirmed", "sms", "never_seen"), ("rejected", "email", "refused")], ("unconfirmed", "never_seen")),
        ([("expired", "sms", "expired"), ("cancelled", "email", "arrived")], ("expired", "expired")),
    ],
)
def test_a_reminders_end_is_a_function_of_its_deliveries_ends(deliveries, status):
    for order in permutations(deliveries):
        assert promise_of((State(state), channel, reason) for state, channel, reason in order) == status
