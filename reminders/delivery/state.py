"""The state of a delivery from its evidence. Pure. The order is data, so late reports need no special case.

Every change of a delivery's state is one of `RULES` (T1 to T21 of the contract) or follows from evidence (`derive`),
and then leaves only a state that `MAY_FOLLOW` lists: both end up in the WHERE clause of the UPDATE.
"""

from collections.abc import Iterable
from dataclasses import dataclass, replace
from enum import IntEnum, StrEnum

from reminders.delivery.codes import Action, Class, Code, Where, look_up
from reminders.plan.reasons import Reason


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
OUT = (State.CLAIMED, State.UNKNOWN, State.ACCEPTED, State.SENT)  # an attempt may be on its way
FAILURES = (State.UNDELIVERED_TEMP, State.UNDELIVERED_PERM, State.REJECTED)


@dataclass(frozen=True, slots=True)
class TransitionRule:
    """What happened, which states it may leave, and where it leads."""

    event: str
    since: tuple[State, ...]
    to: State


RULES = {
    "T1": TransitionRule("due", (), State.QUEUED),
    "T2": TransitionRule("claimed", (State.QUEUED,), State.CLAIMED),
    "T2a": TransitionRule("at the claim: not allowed", (State.QUEUED,), State.SUPPRESSED),
    "T2b": TransitionRule("at the claim: the plan changed", (State.QUEUED,), State.CANCELLED),
    "T2c": TransitionRule("at the claim: held", (State.QUEUED,), State.QUEUED),
    "T2d": TransitionRule("of no use any more", (State.QUEUED,), State.EXPIRED),
    "T3": TransitionRule("accepted", (State.CLAIMED, State.UNKNOWN), State.ACCEPTED),
    "T4": TransitionRule("not processed", (State.CLAIMED, State.UNKNOWN), State.QUEUED),
    "T5": TransitionRule("refused for good", (State.CLAIMED, State.UNKNOWN), State.REJECTED),
    "T5a": TransitionRule("opted out", OUT, State.SUPPRESSED),
    "T5b": TransitionRule("refused because of us", OUT, State.QUEUED),
    "T6": TransitionRule("answer lost", (State.CLAIMED,), State.UNKNOWN),
    "T7": TransitionRule("seen after all", (State.CLAIMED, State.UNKNOWN), State.ACCEPTED),
    "T8": TransitionRule("proven absent, once more", (State.UNKNOWN,), State.QUEUED),
    "T9": TransitionRule("proven absent, not again", (State.UNKNOWN,), State.UNCONFIRMED),
    "T10": TransitionRule("sent", (State.CLAIMED, State.UNKNOWN, State.ACCEPTED), State.SENT),
    "T11": TransitionRule("delivered", tuple(s for s in State if s != State.DELIVERED), State.DELIVERED),
    "T12": TransitionRule("failed for now", OUT, State.UNDELIVERED_TEMP),
    "T13": TransitionRule("time to try again", (State.UNDELIVERED_TEMP,), State.QUEUED),
    "T14": TransitionRule("tried often enough", (State.UNDELIVERED_TEMP,), State.UNDELIVERED_PERM),
    "T15": TransitionRule("failed for good", OUT, State.UNDELIVERED_PERM),
    "T16": TransitionRule("no last word", OUT, State.UNCONFIRMED),
    "T18": TransitionRule("STOP", (State.QUEUED, State.UNDELIVERED_TEMP), State.SUPPRESSED),
    "T21": TransitionRule("third lost lease", (State.CLAIMED,), State.UNCONFIRMED),
}


class Finding(IntEnum):
    """What one attempt came to, the weaker first. Of several reports the strongest counts, in whatever order they came.

    Two are stronger than their state's place: a carrier that never answered (30410), as the provider will not try
    again, and our own trouble, as it says for certain that nothing arrived.
    """

    NOT_TAKEN = 0
    RUNNING = 1
    LOST = 2
    TAKEN = 3
    ON_ITS_WAY = 4
    UNCLEAR = 5
    FOR_NOW = 6
    OUR_TROUBLE = 7
    TOO_LATE = 8
    FOR_GOOD = 9
    REFUSED = 10
    OPTED_OUT = 11
    ARRIVED = 12


MEANS = {
    Finding.NOT_TAKEN: (State.QUEUED, Reason.TRY_AGAIN),
    Finding.RUNNING: (State.CLAIMED, Reason.NONE),
    Finding.LOST: (State.UNKNOWN, Reason.ANSWER_LOST),
    Finding.TAKEN: (State.ACCEPTED, Reason.NONE),
    Finding.ON_ITS_WAY: (State.SENT, Reason.NONE),
    Finding.UNCLEAR: (State.UNKNOWN, Reason.ANSWER_LOST),
    Finding.FOR_NOW: (State.UNDELIVERED_TEMP, Reason.TEMPORARY),
    Finding.OUR_TROUBLE: (State.QUEUED, Reason.BREAKER),
    Finding.TOO_LATE: (State.EXPIRED, Reason.EXPIRED),
    Finding.FOR_GOOD: (State.UNDELIVERED_PERM, Reason.UNDELIVERED),
    Finding.REFUSED: (State.REJECTED, Reason.REFUSED),
    Finding.OPTED_OUT: (State.SUPPRESSED, Reason.NO_CONSENT),
    Finding.ARRIVED: (State.DELIVERED, Reason.NONE),
}

# The states that news of the newest attempt may leave. `queued` is among them: that attempt may turn out to have
# left although we took it for lost (T8) or not processed. Only ARRIVED leaves an end.
MAY_FOLLOW = {
    Finding.NOT_TAKEN: RULES["T4"].since,
    Finding.RUNNING: (),
    Finding.LOST: RULES["T6"].since,
    Finding.TAKEN: (State.QUEUED, *RULES["T3"].since, State.UNDELIVERED_TEMP),
    Finding.ON_ITS_WAY: (State.QUEUED, *RULES["T10"].since, State.UNDELIVERED_TEMP),
    Finding.UNCLEAR: (State.QUEUED, State.CLAIMED, State.ACCEPTED, State.SENT, State.UNDELIVERED_TEMP),
    Finding.FOR_NOW: (State.QUEUED, *OUT),
    Finding.OUR_TROUBLE: (*OUT, State.UNDELIVERED_TEMP),
    Finding.TOO_LATE: OPEN,
    Finding.FOR_GOOD: OPEN,
    Finding.REFUSED: OPEN,
    Finding.OPTED_OUT: OPEN,
    Finding.ARRIVED: RULES["T11"].since,
}

# Twilio's words for a message's status. Any other word says only what its number says: the provider has it.
FROM_PROVIDER = {
    "accepted": Finding.TAKEN,
    "scheduled": Finding.TAKEN,
    "queued": Finding.TAKEN,
    "sending": Finding.TAKEN,
    "sent": Finding.ON_ITS_WAY,
    "partially_delivered": Finding.ON_ITS_WAY,
    "delivered": Finding.ARRIVED,
    "read": Finding.ARRIVED,
    "canceled": Finding.FOR_GOOD,
}
FAILED_WORDS = {"undelivered", "failed"}  # only here an error code counts; elsewhere an old one rides along
OURS = {Class.ACCOUNT, Class.NOT_PROCESSED}  # never counted against the patient
OUR_ACTIONS = {Action.PAUSE_ACCOUNT, Action.PAUSE_SENDER, Action.HOLD_SITE}


@dataclass(frozen=True, slots=True)
class AttemptEvidence:
    """All that is known of one attempt. `outcome`: what our call ended in, as `Attempt.outcome`; `words`: every
    status that was reported, with its code, in any order and as often as it came."""

    number: int
    outcome: str = ""
    code: int = 0
    words: frozenset[tuple[str, int]] = frozenset()
    by_mail: bool = False


@dataclass(frozen=True, slots=True)
class DeliveryStanding:
    """Where a delivery stands by its evidence. `code`: the provider's, behind a failure."""

    finding: Finding
    state: State
    reason: Reason = Reason.NONE
    code: int = 0
    where: str = ""

    @property
    def meaning(self) -> Code:
        """The provider's code with what it causes."""
        return look_up(self.code, self.where)

    @property
    def given_up(self) -> "DeliveryStanding":
        """What a temporary failure is once it is not tried again. It weighs as much as before."""
        ended = State.UNDELIVERED_PERM if self.where == Where.CALLBACK else State.REJECTED
        return replace(self, state=ended, reason=Reason.TRIES_SPENT)


QUEUED = DeliveryStanding(Finding.NOT_TAKEN, State.QUEUED)


def derive(attempts: Iterable[AttemptEvidence], *, tried: int = 0) -> DeliveryStanding:
    """The one function that says what evidence adds up to; the same for any order and any doubling of reports.

    The newest attempt counts, and of older ones only that they arrived. `tried`: how often a temporary failure was
    already tried again (T13).
    """
    known = list(attempts)
    if not known:
        return QUEUED
    if any(FROM_PROVIDER.get(word) == Finding.ARRIVED for heard in known for word, _ in heard.words):
        return DeliveryStanding(Finding.ARRIVED, *MEANS[Finding.ARRIVED])
    return _standing(max(known, key=lambda heard: heard.number), tried)


def _standing(heard: AttemptEvidence, tried: int) -> DeliveryStanding:
    finding, code, where = max([_of_the_answer(heard), *(_of_a_word(heard, *word) for word in heard.words)])
    standing = DeliveryStanding(finding, *MEANS[finding], code, where)
    spent = finding == Finding.FOR_NOW and tried >= standing.meaning.retries
    return standing.given_up if spent else standing


def _of_the_answer(heard: AttemptEvidence) -> tuple[Finding, int, str]:
    where = Where.MAIL if heard.by_mail else Where.SEND
    match heard.outcome:
        case "refused":
            return _of_a_code(heard.code, where, Finding.REFUSED), heard.code, where
        case "accepted":
            return Finding.TAKEN, 0, ""
        case "not_processed":
            return Finding.NOT_TAKEN, heard.code, where
        case "unknown":
            return Finding.LOST, 0, ""
    return Finding.RUNNING, 0, ""


def _of_a_word(heard: AttemptEvidence, word: str, code: int) -> tuple[Finding, int, str]:
    if word not in FAILED_WORDS:
        return FROM_PROVIDER.get(word, Finding.NOT_TAKEN), 0, ""
    where = Where.MAIL if heard.by_mail else Where.CALLBACK
    return _of_a_code(code, where, Finding.FOR_GOOD), code, where


def _of_a_code(code: int, where: str, for_good: Finding) -> Finding:
    meaning = look_up(code, where)
    if meaning.cls in OURS or meaning.action in OUR_ACTIONS:
        return Finding.OUR_TROUBLE
    return {
        Class.AMBIGUOUS: Finding.UNCLEAR if for_good == Finding.FOR_GOOD else Finding.LOST,
        Class.OPTED_OUT: Finding.OPTED_OUT,
        Class.EXPIRED: Finding.TOO_LATE,
        Class.TEMPORARY: Finding.FOR_NOW,
        Class.UNSEEN: Finding.FOR_NOW,
    }.get(meaning.cls, for_good)


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
