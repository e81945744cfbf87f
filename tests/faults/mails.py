"""What is true of every e-mail after a run, by the mail server's ledger and the tables. Pure.

A mail has one Message-ID for ever, made from its delivery: by it the two are joined.
"""

from collections.abc import Iterator
from datetime import datetime
from itertools import groupby

from tests.faults.findings import Delivered, Mailed, Promised, RunFacts, Tried

FAILED = ("undelivered_perm", "rejected", "expired")  # a text for which an e-mail goes
MAY_HAVE_LEFT = ("sent", "delivered", "unconfirmed")


def unmailed(facts: RunFacts) -> Iterator[str]:
    """I1: a text that failed has its e-mail, where the patient has an address and never said no to it."""
    for promised in facts.promises:
        for delivery in promised.deliveries:
            if not any(other.channel == "email" for other in promised.deliveries) and _needs_mail(delivery, facts):
                yield f"delivery {delivery.id} is {delivery.state}, and no e-mail goes in its place"


def _needs_mail(delivery: Delivered, facts: RunFacts) -> bool:
    failed = delivery.channel == "sms" and delivery.state in FAILED and delivery.useful_until > facts.now
    return failed and bool(delivery.mail) and not _closed(delivery.mail, facts)


def _closed(address: str, facts: RunFacts) -> bool:
    """They said no to it, or it was refused."""
    refused = any(line.to == address and not line.taken and line.mode.startswith("5") for line in facts.mails)
    return refused or bool(list(_noes(address, facts)))


def _noes(address: str, facts: RunFacts) -> Iterator[object]:
    yield from (no for no in facts.unsubscribed if no.address == address)
    yield from (text for text in facts.heard if text.text == "STOP" and address in text.covers)


def mailed_twice(facts: RunFacts) -> Iterator[str]:
    """I2: the server took each at most once: one of which nobody knows whether it left is not sent again."""
    taken = sorted((line for line in facts.mails if line.taken), key=lambda line: line.id)
    for name, lines in groupby(taken, key=lambda line: line.id):
        times = len(list(lines))
        if times > 1:
            yield f"mail {name} was taken {times} times"


def mailed_unclaimed(facts: RunFacts) -> Iterator[str]:
    """D5: none came that is in no table, or to another address than its own, or before it was claimed."""
    owners = _owners(facts)
    for line in facts.mails:
        delivery = owners.get(line.key)
        if line.id and delivery is None:
            yield f"mail {line.id} came and is in no table"
        elif delivery and line.to != delivery.phone:
            yield f"mail of delivery {delivery.id} came for somebody else"
        elif delivery and _try(delivery, line) is None:
            yield f"mail of delivery {delivery.id} came before it was claimed"


def mailed_after_no(facts: RunFacts) -> Iterator[str]:
    """I3: once "no more mail" is stored, by link or by a STOP that covers mail, none is claimed any more."""
    owners = _owners(facts)
    for line in facts.mails:
        delivery = owners.get(line.key)
        tried = _try(delivery, line) if delivery else None
        for since in _said_no(line.to, facts):
            if tried and tried.claimed > since:
                yield f"mail {line.id} was claimed after they had said no"


def mailed_untimely(facts: RunFacts) -> Iterator[str]:
    """I4: none is claimed, nor comes long after its claim, outside the hours of this patient."""
    owners = _owners(facts)
    for line in facts.mails:
        delivery = owners.get(line.key)
        if delivery and not delivery.is_timely(line.at, _try(delivery, line)):
            yield f"mail of delivery {delivery.id} came at {delivery.local(line.at):%H:%M:%S} in {delivery.zone}"


def _said_no(address: str, facts: RunFacts) -> Iterator[datetime]:
    """Since when it is known, by the order of commits; else since it was answered."""
    yield from (no.known for no in facts.unsubscribed if no.address == address and no.known)
    for text in facts.heard:
        if text.text == "STOP" and address in text.covers and (since := text.stored or text.answered):
            yield since


def mailed_untrue(facts: RunFacts) -> Iterator[str]:
    """I5: what the tables say of a mail is what the server did with it."""
    for promised, delivery in facts.deliveries():
        if delivery.channel != "email":
            continue
        own = [line for line in facts.mails if line.key == delivery.mail_id]
        taken = any(line.taken for line in own)
        if delivery.state in ("sent", "delivered") and not taken:
            yield f"mail of delivery {delivery.id} is {delivery.state}, and the server never took it"
        if taken and delivery.state not in MAY_HAVE_LEFT:
            yield f"mail of delivery {delivery.id} was taken and is {delivery.state} ({delivery.reason})"
        refusals = [line for line in facts.mails if line.to == delivery.phone and "5" in line.mode.split(":")[-1][:1]]
        if delivery.state == "rejected" and not refusals:
            yield f"mail of delivery {delivery.id} is rejected, and nobody refused it"
        yield from _mail_unjust(promised, delivery, facts)


def _mail_unjust(promised: Promised, delivery: Delivered, facts: RunFacts) -> Iterator[str]:
    """Given up without a cause the run has made."""
    if delivery.state == "suppressed" and delivery.reason == "no_consent" and not _closed(delivery.phone, facts):
        yield f"mail of delivery {delivery.id} was suppressed, and nobody said no"
    arrived = any(other.channel == "sms" and other.state == "delivered" for other in promised.deliveries)
    if delivery.state == "cancelled" and not (delivery.is_fallback and arrived):
        yield f"mail of delivery {delivery.id} was cancelled, and the plan still wants it ({delivery.reason})"


def _owners(facts: RunFacts) -> dict[str, Delivered]:
    return {delivery.mail_id: delivery for _, delivery in facts.deliveries() if delivery.mail_id}


def _try(delivery: Delivered, line: Mailed) -> Tried | None:
    """The last one that had begun by then."""
    begun = [tried for tried in delivery.attempts if tried.began <= line.at]
    return max(begun, key=lambda tried: tried.began, default=None)
