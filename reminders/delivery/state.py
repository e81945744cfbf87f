"""Reports in, state out. Pure. The order is data, so late and doubled reports need no special case."""

from collections.abc import Iterable
from enum import StrEnum


class State(StrEnum):
    QUEUED = "queued"
    CLAIMED = "claimed"
    UNKNOWN = "unknown"
    ACCEPTED = "accepted"
    SENT = "sent"
    UNDELIVERED_TEMP = "undelivered_temp"
    UNDELIVERED_PERM = "undelivered_perm"
    REJECTED = "rejected"
    SUPPRESSED = "suppressed"
    CANCELLED = "cancelled"
    EXPIRED = "expired"
    UNCONFIRMED = "unconfirmed"
    DELIVERED = "delivered"


OPEN = (State.QUEUED, State.CLAIMED, State.UNKNOWN, State.ACCEPTED, State.SENT, State.UNDELIVERED_TEMP)
STAGES = [State.QUEUED, State.CLAIMED, State.UNKNOWN, State.ACCEPTED, State.SENT]
FAILURES = (State.UNDELIVERED_TEMP, State.UNDELIVERED_PERM, State.REJECTED)

FROM_PROVIDER = {  # Twilio's words for a message's status; any other word changes nothing
    "accepted": State.ACCEPTED,
    "scheduled": State.ACCEPTED,
    "queued": State.ACCEPTED,
    "sending": State.ACCEPTED,
    "sent": State.SENT,
    "delivered": State.DELIVERED,
    "read": State.DELIVERED,
    "undelivered": State.UNDELIVERED_PERM,
    "failed": State.UNDELIVERED_PERM,
}


def may_precede(reported: State) -> tuple[State, ...]:
    """The states a report may move a delivery out of; the UPDATE's WHERE clause is made of these."""
    if reported == State.DELIVERED:
        return tuple(s for s in State if s not in (State.DELIVERED, State.QUEUED))
    if reported in FAILURES:
        return (State.CLAIMED, State.UNKNOWN, State.ACCEPTED, State.SENT)
    return tuple(STAGES[1 : STAGES.index(reported)])


def furthest(current: State, reported: State) -> State:
    """Reports come late, twice and out of order; a message only ever moves forward."""
    return reported if current in may_precede(reported) else current


ENDS = {  # a reminder's status by how its deliveries ended, the best first; the words are ReminderStatus's
    State.DELIVERED: "done",
    State.UNCONFIRMED: "unconfirmed",
    State.REJECTED: "failed",
    State.UNDELIVERED_PERM: "failed",
    State.EXPIRED: "expired",
    State.SUPPRESSED: "suppressed",
    State.CANCELLED: "cancelled",
}


def promise_of(deliveries: Iterable[tuple[State, str, str]]) -> tuple[str, str]:
    """A reminder's status and reason from its deliveries' (state, channel, reason).

    One that arrived keeps the promise. Mail has no receipt: taken by the mail server is as much as can be known.
    """
    known = list(deliveries)
    if any(state == State.DELIVERED or (state == State.SENT and channel == "email") for state, channel, _ in known):
        return "done", ""
    if any(state in OPEN for state, _, _ in known):
        return "in_progress", ""
    order = list(ENDS).index
    state, _, reason = min(known, key=lambda delivery: order(delivery[0]))
    return ENDS[state], reason
