"""Reports come late, twice and in any order; the state they add up to is the same."""

from itertools import permutations, product

import pytest
from hypothesis import given
from hypothesis import strategies as st

from reminders.delivery.state import FAILURES, FROM_PROVIDER, OPEN, STAGES, State, furthest, may_precede

STARTED = [state for state in State if state != State.QUEUED]
REPORTED = sorted(set(FROM_PROVIDER.values()))


def after(reports: tuple[State, ...], start: State = State.CLAIMED) -> State:
    for report in reports:
        start = furthest(start, report)
    return start


@pytest.mark.parametrize("size", range(1, len(REPORTED) + 1))
def test_any_order_of_reports_ends_in_the_same_state(size: int) -> None:
    for reports in {tuple(sorted(choice)) for choice in permutations(REPORTED, size)}:
        assert len({after(order) for order in permutations(reports)}) == 1, reports


@given(st.lists(st.sampled_from(sorted(FROM_PROVIDER)), max_size=8), st.randoms(use_true_random=False))
def test_doubled_and_shuffled_words_of_the_provider_change_nothing(words: list[str], random: object) -> None:
    reports = [FROM_PROVIDER[word] for word in words]
    shuffled = reports * 2
    random.shuffle(shuffled)  # type: ignore[attr-defined]

    assert after(tuple(shuffled)) == after(tuple(reports))


@pytest.mark.parametrize(
    ("reports", "end"),
    [
        ((), State.CLAIMED),
        ((State.UNKNOWN,), State.UNKNOWN),
        ((State.SENT, State.ACCEPTED), State.SENT),
        ((State.ACCEPTED, State.UNKNOWN), State.ACCEPTED),
        ((State.UNDELIVERED_PERM, State.SENT), State.UNDELIVERED_PERM),
        ((State.UNDELIVERED_PERM, State.DELIVERED), State.DELIVERED),
        ((State.DELIVERED, State.UNDELIVERED_PERM, State.SENT), State.DELIVERED),
    ],
)
def test_a_message_only_moves_forward(reports: tuple[State, ...], end: State) -> None:
    assert after(reports) == end


@pytest.mark.parametrize("report", REPORTED)
def test_delivered_is_the_end(report: State) -> None:
    assert furthest(State.DELIVERED, report) == State.DELIVERED


@pytest.mark.parametrize("state", [state for state in STARTED if state != State.DELIVERED])
def test_a_message_that_arrived_after_all_is_delivered(state: State) -> None:
    assert furthest(state, State.DELIVERED) == State.DELIVERED


@pytest.mark.parametrize("report", [*STAGES[1:], *FAILURES, State.DELIVERED])
def test_what_was_never_claimed_cannot_have_been_sent(report: State) -> None:
    assert furthest(State.QUEUED, report) == State.QUEUED


def test_nothing_but_a_delivery_leaves_a_final_state() -> None:
    final = [state for state in State if state not in OPEN]

    moved = {(a, b) for a, b in product(final, REPORTED) if furthest(a, b) != a}

    assert {b for _, b in moved} == {State.DELIVERED}


def test_no_state_precedes_itself() -> None:
    assert not [state for state in [*STAGES, *FAILURES, State.DELIVERED] if state in may_precede(state)]
