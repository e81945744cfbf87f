"""The judge is believed, so it is shown facts that are wrong in one way each, and must say which."""

from dataclasses import replace
from datetime import UTC, datetime, time, timedelta

import pytest

from tests.faults.findings import Delivered, Killed, LedgerRequest, Promised, ReceivedText, RunFacts, Tried
from tests.faults.judge import RED_FLAG, complaints, lost_twice, possible_doubles
from tests.faults.visits import Visit, VisitDeed, model

NOW = datetime(2026, 3, 2, 15, 0, tzinfo=UTC)
EARLIER = NOW - timedelta(minutes=1)
PHONE, SENDER = "+12025550110", "+12025550101"
LINE = LedgerRequest("a1", EARLIER, PHONE, SENDER, "SM1", "delivered")
SENT = Delivered(
    1, PHONE, SENDER, "delivered", EARLIER, NOW + timedelta(days=1), attempts=(Tried("a1", EARLIER, "SM1"),)
)
PROMISE = Promised(1, "done", EARLIER, NOW + timedelta(days=1), (SENT,))
STOP = ReceivedText("SM9", PHONE, SENDER, "STOP", NOW, 1, NOW, may_be_written_to=False)


def facts(*lines: LedgerRequest, promise: Promised = PROMISE, heard: tuple[ReceivedText, ...] = ()) -> RunFacts:
    return RunFacts(NOW, lines, (promise,), heard)


def but(**changes: object) -> Promised:
    return replace(PROMISE, deliveries=(replace(SENT, **changes),))


def test_a_run_without_fault_is_believed():
    assert complaints(facts(LINE, heard=(STOP,))) == []


BOOKED = VisitDeed("book", 7, 31, NOW + timedelta(days=6))
AHEAD = Visit(31, "booked", NOW + timedelta(days=6))


def shown(*visits: Visit, deeds: tuple[VisitDeed, ...] = (BOOKED,), board: tuple[Visit, ...] | None = None) -> RunFacts:
    """The board shows the same where nothing else is said."""
    return replace(facts(LINE), deeds=deeds, shown={"API": visits, "board": visits if board is None else board})


def overheard(said: str | bytes, secrets: dict[str, str]) -> RunFacts:
    return replace(facts(LINE), said={"log0": said}, secrets=secrets)


SECOND = replace(LINE, attempt="a2", sid="SM2", at=NOW)
TWO = (Tried("a1", EARLIER, "SM1"), Tried("a2", EARLIER, "SM2"))
WRONG = {
    "never opened": ("I1", facts(promise=Promised(1, "planned", EARLIER, NOW))),
    "stuck in a claim": ("I1", facts(LINE, promise=replace(but(state="claimed"), status="in_progress"))),
    "left twice": ("I2", facts(LINE, SECOND, promise=but(attempts=TWO))),
    "one attempt, two calls": ("I2", facts(LINE, replace(LINE, sid=""))),
    "never claimed": ("D5", facts(LINE, replace(SECOND, sid=""))),
    "after STOP": (
        "I3",
        facts(
            LINE,
            replace(SECOND, sid="", at=NOW + timedelta(seconds=1)),
            promise=but(attempts=(TWO[0], Tried("a2", NOW + timedelta(milliseconds=900)))),
            heard=(STOP,),
        ),
    ),
    "at night": ("I4", facts(LINE, promise=but(zone="Asia/Tokyo", opens=time(9), closes=time(20)))),
    "arrived and nobody knows": ("I5", facts(LINE, promise=but(state="undelivered_perm"))),
    "said to have arrived": ("I5", facts(replace(LINE, ends="undelivered", code=30003))),
    "suppressed for nothing": ("I5", facts(promise=but(state="suppressed", reason="no_consent", attempts=()))),
    "a text lost": ("I6", facts(LINE, heard=(replace(STOP, kept=0),))),
    "a STOP in vain": ("I6", facts(LINE, heard=(replace(STOP, may_be_written_to=True),))),
    "a booking lost": ("I8", shown()),
    "a booking the board does not have": ("I8", shown(AHEAD, board=())),
    "shown twice": ("I8", shown(AHEAD, AHEAD)),
    "a move lost": ("I8", shown(AHEAD, deeds=(BOOKED, replace(BOOKED, booked_for=NOW + timedelta(days=9))))),
    "a freed one still ahead": ("I8", shown(AHEAD, deeds=(BOOKED, VisitDeed("free", 7, 31)))),
    "a 1 in vain": ("I8", shown(AHEAD, deeds=(BOOKED, VisitDeed("answer 1", 7)))),
    "confirmed by nobody": ("I8", shown(replace(AHEAD, state="confirmed"))),
    "a name in a log": ("I7", overheard("INFO sent to Quirine", {"given name": "Quirine"})),
    "a number in a task's arguments": ("I7", overheard("eyJ0byI6ICIrMTIwMjU1NTAxMTAifQ==", {"phone": PHONE})),
    "a link in an address": ("I7", overheard(b"GET /p/abc%2Ddef/", {"link": "abc-def"})),
    "back from the end": ("D8", facts(LINE, promise=but(story=("queued", "rejected", "queued")))),
}


@pytest.mark.parametrize(("invariant", "wrong"), WRONG.values(), ids=WRONG)
def test_what_is_wrong_is_named(invariant, wrong):
    assert any(said.startswith(invariant) for said in complaints(wrong))


def test_which_came_first_a_stop_or_a_claim_is_the_order_of_their_commits():
    """Begun before the STOP and committed after it: it should have seen it. The other way round it could not."""
    second, moment = timedelta(seconds=1), NOW
    late = replace(TWO[1], began=moment - second, committed=moment + second)
    early = replace(TWO[1], began=moment + second, committed=moment - second)

    for tried, believed in ((late, False), (early, True)):
        story = facts(LINE, replace(SECOND, sid="", at=NOW + 3 * second), promise=but(attempts=(TWO[0], tried)))
        assert (complaints(replace(story, heard=(STOP,))) == []) == believed


def test_a_stop_that_was_found_later_counts_from_when_it_was_stored():
    found = replace(STOP, answered=None)
    after = replace(TWO[1], committed=NOW + timedelta(seconds=1))

    wrong = facts(LINE, replace(SECOND, sid=""), promise=but(attempts=(TWO[0], after)), heard=(found,))

    assert any(said.startswith("I3") for said in complaints(wrong))


@pytest.mark.parametrize("alerts", [0, 1])
def test_a_red_flag_is_on_somebodys_desk(alerts):
    flag = replace(STOP, text=RED_FLAG, may_be_written_to=True, alerts=alerts)

    assert (complaints(facts(LINE, heard=(flag,))) == []) == bool(alerts)


def test_a_second_try_after_a_temporary_failure_is_no_double():
    failed = replace(LINE, ends="undelivered", code=30003)

    assert complaints(facts(failed, SECOND, promise=but(attempts=TWO))) == []


def test_a_second_try_may_wait_for_its_word_after_the_first_one_failed():
    failed = replace(LINE, ends="undelivered", code=30003)
    waits = replace(but(state="sent", attempts=TWO), status="in_progress")

    assert complaints(facts(failed, replace(SECOND, ends="sent"), promise=waits)) == []
    assert complaints(facts(failed, replace(SECOND, ends="failed", code=30003), promise=waits)) != []


@pytest.mark.parametrize(("late", "believed"), [(5, True), (3600, False)])
def test_a_process_held_up_over_closing_time_is_believed_for_so_long(late, believed):
    closing = but(closes=(EARLIER + timedelta(seconds=2)).time())
    asked = replace(LINE, at=EARLIER + timedelta(seconds=late))

    assert (complaints(facts(asked, promise=closing)) == []) == believed


def test_what_was_claimed_before_a_stop_came_may_still_leave():
    late = replace(LINE, at=NOW + timedelta(milliseconds=50))

    assert complaints(facts(late, heard=(STOP,))) == []


def test_only_two_that_may_both_have_arrived_are_a_possible_double():
    twice = but(attempts=TWO, after_unknown=1)
    failed = replace(LINE, ends="undelivered", code=30003)

    assert possible_doubles(facts(LINE, SECOND, promise=twice)) == 1
    assert possible_doubles(facts(failed, SECOND, promise=twice)) == 0


NEVER_CAME = replace(
    SENT,
    state="unconfirmed",
    after_unknown=1,
    attempts=(Tried("a1", EARLIER), Tried("a2", EARLIER + timedelta(seconds=9))),
)
HUNG = replace(LINE, sid="", ends="", behaviour="hang_before_accept")
KILLED = Killed(77, EARLIER + timedelta(seconds=10))


def test_lost_twice_is_believed_where_the_run_lost_both_answers():
    """The first hung at the provider; the second was killed before a byte of it left."""
    assert lost_twice(NEVER_CAME, facts(HUNG), [KILLED])


FOUND_OUT = {
    "its second try met no fault": (NEVER_CAME, HUNG, []),
    "the one that was killed had no part in it": (NEVER_CAME, HUNG, [replace(KILLED, at=NOW + timedelta(hours=1))]),
    "it was killed before the try began": (NEVER_CAME, HUNG, [replace(KILLED, at=EARLIER)]),
    "the provider gave an answer": (NEVER_CAME, replace(HUNG, behaviour="http:503/20503/1", pid=70), [KILLED]),
    "it was never sent again": (replace(NEVER_CAME, after_unknown=0), HUNG, [KILLED]),
    "it was sent a third time": (
        replace(NEVER_CAME, attempts=(*NEVER_CAME.attempts, Tried("a3", NOW))),
        HUNG,
        [KILLED],
    ),
    "it ended otherwise": (replace(NEVER_CAME, state="expired"), HUNG, [KILLED]),
}


@pytest.mark.parametrize(("delivery", "line", "killed"), FOUND_OUT.values(), ids=FOUND_OUT)
def test_without_that_evidence_nothing_excuses_an_answer_lost_twice(delivery, line, killed):
    assert not lost_twice(delivery, facts(line), killed)


def test_another_process_than_the_one_that_asked_excuses_nothing():
    second = replace(HUNG, attempt="a2", at=EARLIER + timedelta(seconds=9), behaviour="ok", pid=78)

    assert not lost_twice(NEVER_CAME, facts(HUNG, second), [KILLED])
    assert lost_twice(NEVER_CAME, facts(HUNG, second), [replace(KILLED, pid=78)])


SOON, LATER = NOW + timedelta(days=6), NOW + timedelta(days=40)


def test_visits_that_stand_as_they_were_left_are_believed():
    """Moved and confirmed; the one six weeks ahead is not on the board yet."""
    moved = VisitDeed("book", 7, 31, LATER)
    left = (BOOKED, VisitDeed("book", 8, 32, SOON), moved, VisitDeed("answer 1", 8))
    far, near = Visit(31, "booked", LATER), Visit(32, "confirmed", SOON)

    assert complaints(shown(far, near, board=(near,), deeds=left)) == []


def test_a_1_is_about_the_next_visit_of_whoever_wrote_it_and_of_nobody_else():
    deeds = [
        VisitDeed("book", 7, 31, LATER),
        VisitDeed("book", 7, 33, SOON),
        VisitDeed("book", 8, 32, SOON),
        VisitDeed("answer 1", 7),
        VisitDeed("answer 1", 9),
    ]

    assert {visit.id: visit.state for visit in model(deeds).values()} == {31: "booked", 32: "booked", 33: "confirmed"}


def test_of_two_visits_at_the_same_minute_a_1_is_about_the_first_as_the_program_has_it():
    deeds = [VisitDeed("book", 7, 32, SOON), VisitDeed("book", 7, 31, SOON), VisitDeed("answer 1", 7)]

    assert {visit.id: visit.state for visit in model(deeds).values()} == {31: "confirmed", 32: "booked"}


def test_a_visit_booked_for_the_same_time_again_stays_confirmed_and_a_moved_one_does_not():
    answered = [BOOKED, VisitDeed("answer 1", 7)]

    assert model([*answered, BOOKED])[31].state == "confirmed"
    assert model([*answered, VisitDeed("book", 7, 31, LATER)])[31].state == "booked"


def test_what_names_nobody_is_no_complaint():
    quiet = overheard("DEBUG sweep succeeded in 0.2 s", {"phone": PHONE, "given name": "Quirine"})

    assert complaints(quiet) == []
