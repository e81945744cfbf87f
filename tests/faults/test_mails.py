"""The judge of e-mails is shown what is wrong in one way each, and must say which."""

from dataclasses import replace
from datetime import UTC, datetime, time, timedelta

import pytest

from tests.faults.findings import (
    Delivered,
    LedgerRequest,
    Mailed,
    Promised,
    ReceivedText,
    RunFacts,
    Tried,
    Unsubscribed,
)
from tests.faults.judge import complaints

NOW = datetime(2026, 3, 2, 15, 0, tzinfo=UTC)
EARLIER, TOMORROW = NOW - timedelta(minutes=1), NOW + timedelta(days=1)
ANA, PHONE, SENDER = "ana@example.org", "+12025550110", "+12025550101"
LINE = Mailed("k1@site.example.org", "k1", EARLIER, ANA, taken=True)
MAIL = Delivered(
    2, ANA, SENDER, "sent", EARLIER, TOMORROW, attempts=(Tried("m1", EARLIER),), channel="email", mail_id="k1"
)
PROMISE = Promised(1, "done", EARLIER, TOMORROW, (MAIL,))
LATER = NOW + timedelta(seconds=5)

ASKED = LedgerRequest("a1", EARLIER, PHONE, SENDER, "SM1", "undelivered", 30007)
TEXT = Delivered(
    1, PHONE, SENDER, "undelivered_perm", EARLIER, TOMORROW, attempts=(Tried("a1", EARLIER, "SM1"),), mail=ANA
)
INSTEAD = replace(PROMISE, deliveries=(TEXT, replace(MAIL, is_fallback=True)))
ALONE = replace(PROMISE, status="failed", deliveries=(TEXT,))

GONE = Unsubscribed(ANA, NOW)
STOP = ReceivedText("SM9", PHONE, SENDER, "STOP", NOW, 1, NOW, may_be_written_to=False, covers=(ANA,))


def facts(*mails: Mailed, promise: Promised = PROMISE, **more: object) -> RunFacts:
    ledger = (ASKED,) if TEXT in promise.deliveries else ()
    return RunFacts(NOW, ledger, (promise,), mails=mails, **more)


def but(**changes: object) -> Promised:
    return replace(PROMISE, deliveries=(replace(MAIL, **changes),))


LATE = {"mails": (LINE, replace(LINE, at=LATER, taken=False, mode="data:451"))}
CLAIMED_LATE = but(attempts=(Tried("m1", EARLIER), Tried("m2", NOW + timedelta(seconds=4))))
WRONG = {
    "a text failed and nothing goes instead": ("I1", facts(promise=ALONE)),
    "taken twice": ("I2", facts(LINE, replace(LINE, at=NOW))),
    "of no delivery": ("D5", facts(LINE, replace(LINE, id="k2@site.example.org", key="k2"))),
    "for somebody else": ("D5", facts(replace(LINE, to="eve@example.org"))),
    "before its claim": ("D5", facts(LINE, promise=but(attempts=(Tried("m1", NOW),)))),
    "after the link": ("I3", RunFacts(NOW, (), (CLAIMED_LATE,), **LATE, unsubscribed=(GONE,))),
    "after a STOP that covers mail": ("I3", RunFacts(NOW, (), (CLAIMED_LATE,), **LATE, heard=(STOP,))),
    "at night": ("I4", facts(LINE, promise=but(zone="Asia/Tokyo", opens=time(9), closes=time(20)))),
    "sent, and nobody has it": ("I5", facts()),
    "sent, and it was turned away": ("I5", facts(replace(LINE, taken=False, mode="data:451"))),
    "taken, and said to be refused": ("I5", facts(LINE, promise=but(state="rejected"))),
    "taken, and to be sent again": ("I5", facts(LINE, promise=but(state="queued", not_before=TOMORROW))),
    "refused by nobody": ("I5", facts(promise=but(state="rejected"))),
    "suppressed for nothing": ("I5", facts(promise=but(state="suppressed", reason="no_consent", attempts=()))),
    "cancelled for nothing": ("I5", facts(promise=but(state="cancelled"))),
}


@pytest.mark.parametrize(("invariant", "wrong"), WRONG.values(), ids=WRONG)
def test_what_is_wrong_with_a_mail_is_named(invariant, wrong):
    assert [said for said in complaints(wrong) if said.startswith(invariant)] != []


NO_MAIL_BY_RIGHT = {
    "they unsubscribed": {"unsubscribed": (GONE,)},
    "their STOP covers mail": {"heard": (STOP,)},
    "the address is dead": {"mails": (Mailed("", "", EARLIER, ANA, taken=False, mode="550 5.1.1"),)},
}
RIGHT = {
    "sent": facts(LINE),
    "in the place of a text": facts(LINE, promise=INSTEAD),
    "taken, and nobody can know": facts(replace(LINE, mode="close_after_data"), promise=but(state="unconfirmed")),
    "turned away, then taken": facts(replace(LINE, taken=False, mode="data:451"), replace(LINE, at=NOW)),
    "refused for good": facts(
        replace(LINE, id="", key="", taken=False, mode="550 5.1.1"), promise=but(state="rejected")
    ),
    "claimed before they said no": facts(replace(LINE, at=NOW + timedelta(seconds=1)), unsubscribed=(GONE,)),
    **{name: RunFacts(NOW, (ASKED,), (ALONE,), **more) for name, more in NO_MAIL_BY_RIGHT.items()},
}


@pytest.mark.parametrize("right", RIGHT.values(), ids=RIGHT)
def test_a_mail_that_went_as_it_should_is_believed(right):
    assert complaints(right) == []
