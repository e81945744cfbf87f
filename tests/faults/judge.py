"""The invariants of DELIVERY §5.1, computed from the provider's ledger and the tables. Pure: facts in, complaints out.

A complaint names what is wrong and with which delivery; none means the run is believed.
"""

from collections.abc import Collection, Iterator
from datetime import UTC, datetime
from itertools import pairwise

from reminders.delivery import waits
from tests import canary
from tests.faults import mails
from tests.faults.findings import Delivered, Killed, RunFacts, Tried
from tests.faults.visits import differences

FINAL = {"delivered", "undelivered_perm", "rejected", "suppressed", "cancelled", "expired", "unconfirmed"}
OVER = {"done", "unconfirmed", "failed", "cancelled", "suppressed", "expired", "skipped"}  # of a reminder
RETRYABLE = {30001, 30003, 30008, 30009, 30017, 30020, 30021, 30022, 30500, 60005}
RED_FLAG = "I have chest pain"
LEAVE_IN_DOUBT = (  # so that whoever asked cannot know whether it was accepted
    "ok_then_close", "hang_", "bad_json", "empty_200", "http:500", "http:502", "http:503", "http:504", "http:3",
)  # fmt: skip


def complaints(facts: RunFacts) -> list[str]:
    return [f"{name}: {said}" for name, judge in INVARIANTS.items() for said in judge(facts)]


def lost(facts: RunFacts) -> Iterator[str]:
    """I1: every reminder that was due is over, or waits for a moment that is still to come, inside its validity."""
    for promised in facts.promises:
        if promised.due_at > facts.now or promised.status in OVER:
            continue
        if not promised.deliveries:
            yield f"reminder {promised.id} was due and is {promised.status}, with nothing on its way"
        for delivery in promised.deliveries:
            if delivery.state not in FINAL and not _waits(delivery, facts):
                yield f"delivery {delivery.id} is stuck as {delivery.state} ({delivery.reason})"
        for delivery in promised.deliveries:
            if delivery.state == "expired" and delivery.useful_until > facts.now:
                yield f"delivery {delivery.id} expired before its time"


def _waits(delivery: Delivered, facts: RunFacts) -> bool:
    if delivery.state == "queued":
        return facts.now <= delivery.not_before < delivery.useful_until
    if delivery.state in ("accepted", "sent"):  # for the carrier's last word on its newest try, which has not been said
        ends = [line.ends for line in facts.requests(delivery) if line.sid]
        return "delivered" not in ends and ends[-1:] not in (["undelivered"], ["failed"])
    return False


def doubled(facts: RunFacts) -> Iterator[str]:
    """I2: at most one message of a delivery was accepted, unless the one before was reported as not arrived."""
    for _, delivery in facts.deliveries():
        taken = [line for line in facts.requests(delivery) if line.sid]
        for earlier, later in pairwise(taken):
            failed = earlier.ends in ("undelivered", "failed") and earlier.code in RETRYABLE
            if not failed and not (facts.lagging and delivery.after_unknown):
                yield f"delivery {delivery.id} left twice: {earlier.sid} ({earlier.ends}) and {later.sid}"
    for attempt, lines in facts.asked_for.items():
        if len(lines) > 1:
            yield f"attempt {attempt} reached the provider {len(lines)} times"


def unclaimed(facts: RunFacts) -> Iterator[str]:
    """D5: nothing reached the provider whose claim was not committed before."""
    known = {attempt.id for _, delivery in facts.deliveries() for attempt in delivery.attempts}
    for line in facts.ledger:
        if line.attempt not in known:
            yield f"attempt {line.attempt} left and is in no table"


def after_stop(facts: RunFacts) -> Iterator[str]:
    """I3: once a STOP is stored nothing is claimed for that number, and so nothing starts on its way.

    Which of the two came first is the order of their commits: no clock, and no slow process, can blur it. One that
    got a 503 is found in the provider's list later; until then nobody could know of it. That it was found is I6.
    """
    claims = {attempt.id: attempt.claimed for _, delivery in facts.deliveries() for attempt in delivery.attempts}
    for text in facts.heard:
        since = text.stored or text.answered
        if text.text != "STOP" or since is None:
            continue
        for line in facts.ledger:
            mine = (line.to, line.sender) == (text.phone, text.sender)
            if mine and claims.get(line.attempt, line.at) > since:
                yield f"attempt {line.attempt} was claimed after STOP was stored"


def untimely(facts: RunFacts) -> Iterator[str]:
    """I4: nothing is claimed, nor asked for long after its claim, outside the hours of this patient."""
    owners = {tried.id: (delivery, tried) for _, delivery in facts.deliveries() for tried in delivery.attempts}
    for line in facts.ledger:
        delivery, tried = owners.get(line.attempt, (None, None))
        if delivery and not delivery.is_timely(line.at, tried):
            yield f"delivery {delivery.id} was asked for at {delivery.local(line.at):%H:%M:%S} in {delivery.zone}"


def untrue(facts: RunFacts) -> Iterator[str]:
    """I5: what the tables say in the end is what became of it at the provider."""
    for _, delivery in facts.deliveries():
        if delivery.channel != "sms":
            continue
        requests = facts.requests(delivery)
        ends = {line.ends for line in requests if line.sid}
        if "delivered" in ends and delivery.state != "delivered":
            yield f"delivery {delivery.id} arrived and is {delivery.state} ({delivery.reason})"
        if delivery.state == "delivered" and "delivered" not in ends:
            yield f"delivery {delivery.id} is delivered, and nothing arrived"
        ended = delivery.state in ("undelivered_perm", "suppressed") or _waits(delivery, facts)  # for its next try
        if ends and ends <= {"undelivered", "failed"} and not ended:
            yield f"delivery {delivery.id} did not arrive and is {delivery.state} ({delivery.reason})"
        if delivery.state == "rejected" and not any(line.behaviour.count("http:4") for line in requests):
            yield f"delivery {delivery.id} is rejected, and nobody refused it"
        yield from _unjust(delivery, facts)


def _unjust(delivery: Delivered, facts: RunFacts) -> Iterator[str]:
    """Given up without a cause the run has made."""
    owner = (delivery.phone, delivery.sender)
    stopped = any((text.phone, text.sender) == owner and text.text == "STOP" for text in facts.heard)
    opted_out = any(
        (line.to, line.sender) == owner and "21610" in f"{line.behaviour}{line.code}" for line in facts.ledger
    )
    if delivery.state == "suppressed" and delivery.reason == "no_consent" and not (stopped or opted_out):
        yield f"delivery {delivery.id} was suppressed, and nobody said STOP"
    if delivery.state == "cancelled" and delivery.reason != "visit_moved":  # of a time that stands no more
        yield f"delivery {delivery.id} was cancelled, and the plan still wants it ({delivery.reason})"
    if delivery.state == "unconfirmed" and not delivery.attempts:
        yield f"delivery {delivery.id} is unconfirmed, and was never tried"


def unheard(facts: RunFacts) -> Iterator[str]:
    """I6: each text became one row, a STOP is in force afterwards, and a red flag is on somebody's desk."""
    for text in facts.heard:
        if text.kept != 1:
            yield f"text {text.sid} became {text.kept} rows"
        if text.text == "STOP" and text.may_be_written_to:
            yield f"text {text.sid} said STOP, and that phone may still be written to"
        if text.text == RED_FLAG and not text.alerts:
            yield f"text {text.sid} was a red flag, and no alert came of it"


def backwards(facts: RunFacts) -> Iterator[str]:
    """D8: nothing leaves a final state, except that it arrived after all."""
    for _, delivery in facts.deliveries():
        for was, became in pairwise(delivery.story):
            if was in FINAL and became not in (was, "delivered"):
                yield f"delivery {delivery.id} went from {was} to {became}"


def overheard(facts: RunFacts) -> Iterator[str]:
    """I7: nobody is named, and no door's key is said, where the house keeps no records."""
    yield from map(str, canary.find(facts.said, facts.secrets))


def misplaced(facts: RunFacts) -> Iterator[str]:
    """I8: the visits that stand ahead are those that were booked, and not cancelled, in the words of each door."""
    yield from differences(facts.deeds, facts.shown, facts.now)


INVARIANTS = {
    "I1 lost": lost,
    "I2 doubled": doubled,
    "D5 unclaimed": unclaimed,
    "I3 after STOP": after_stop,
    "I4 untimely": untimely,
    "I5 untrue": untrue,
    "I6 unheard": unheard,
    "I1 lost, mail": mails.unmailed,
    "I2 doubled, mail": mails.mailed_twice,
    "D5 unclaimed, mail": mails.mailed_unclaimed,
    "I3 after no, mail": mails.mailed_after_no,
    "I4 untimely, mail": mails.mailed_untimely,
    "I5 untrue, mail": mails.mailed_untrue,
    "I7 overheard": overheard,
    "I8 misplaced": misplaced,
    "D8 backwards": backwards,
}


def possible_doubles(facts: RunFacts) -> int:
    """The twins §7 admits: both may have arrived, as two looks into the provider's list had shown nothing of the first.

    A second try after a reported failure is none.
    """
    twins = 0
    for _, delivery in facts.deliveries():
        taken = [line for line in facts.requests(delivery) if line.sid]
        arrived = [line for line in taken if line.ends not in ("undelivered", "failed")]
        twins += bool(delivery.after_unknown) and len(arrived) > 1
    return twins


def lost_twice(delivery: Delivered, facts: RunFacts, killed: Collection[Killed]) -> bool:
    """T9: sent again once as nobody knew, and nobody knows now. Believed only where the run lost both answers."""
    tries = delivery.attempts
    again = delivery.state == "unconfirmed" and delivery.after_unknown == 1 and len(tries) == 2
    return again and all(_answer_lost(tried, facts, killed) for tried in tries)


def _answer_lost(tried: Tried, facts: RunFacts, killed: Collection[Killed]) -> bool:
    """The provider was made to lose it, or a process was killed while this attempt had one: its own, where known."""
    lines = facts.asked_for.get(tried.id, [])
    if any(line.behaviour.startswith(LEAVE_IN_DOUBT) and line.behaviour.count("/") < 2 for line in lines):
        return True  # one with a Retry-After says plainly that it took nothing
    during = [one for one in killed if tried.began <= one.at <= tried.began + waits.LEASE]
    pids = {line.pid for line in lines if line.pid}
    return any(one.pid in pids or not pids for one in during)


def moment(seconds: float) -> datetime:
    return datetime.fromtimestamp(seconds, UTC)
