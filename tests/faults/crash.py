"""Crash points of the send path x what the provider did x callbacks heard or not. All reached from outside."""

from collections.abc import Iterator
from functools import partial
from time import sleep

from tests.faults.cases import FaultCase, Theatre, Trial
from tests.faults.stage import wait_for

OUTCOMES = {  # what the provider does the first time, and whether it does so every time
    "accepted": ("ok", False),
    "answer lost": ("ok_then_close", False),
    "refused": ("http:400/21614", True),
    "not accepted": ("http:429/20429/1", False),
}
WRITTEN = {"accepted": "accepted", "answer lost": "unknown", "refused": "refused", "not accepted": "not_processed"}
EVERY_TIME, ONCE = None, 1
BARRED = frozenset({"rejected"})
DELIVERED = frozenset({"delivered"})


def before_the_claim_commits(name: str, theatre: Theatre, *, heard: bool) -> Trial:
    """The claim waits for the table of attempts when its process is killed."""
    person = theatre.person()
    theatre.fate(person, heard=heard)
    with theatre.closed("reminders_attempt") as session:
        keys = theatre.due(person)
        pid = theatre.waiting_for(session)
        landed = theatre.kill(pid) and not theatre.attempts(keys)
    wait_for(lambda: bool(theatre.lines(keys)), every=0.1)  # the next case must not hit it too
    return Trial(name, keys, landed, f"killed {pid}", asked=(1, 1))


def before_the_socket(name: str, theatre: Theatre, *, heard: bool) -> Trial:
    """Claimed and committed; the provider's line is never answered, so that not one byte has left."""
    person = theatre.person()
    theatre.fate(person, heard=heard)
    theatre.provider.wish(door="full")
    keys = theatre.due(person)
    killed = [pid for pid in theatre.knocking(keys) if theatre.kill(pid)]
    theatre.provider.wish(door="open")
    [attempt, *_] = theatre.attempts(keys) or [None]
    landed = bool(killed) and attempt is not None and not attempt.outcome
    return Trial(name, keys, landed, f"killed {killed}", asked=(1, 1))


def after_bytes_were_sent(name: str, theatre: Theatre, *, outcome: str, heard: bool) -> Trial:
    """The provider has read the request; the process that made it is killed before it hears the answer."""
    person = theatre.person()
    behaviour, always = OUTCOMES[outcome]
    theatre.fate(person, heard=heard)
    theatre.provider.behave(f"kill:{behaviour}", to=person.phone, times=ONCE)
    keys = theatre.due(person)
    wait_for(lambda: bool(theatre.lines(keys)), every=0.05)
    [line, *_] = theatre.lines(keys)
    if always:
        theatre.provider.behave(behaviour, to=person.phone, times=EVERY_TIME)
    again = 1 if outcome in ("accepted", "answer lost") else 2
    return Trial(
        name,
        keys,
        line["behaviour"].startswith("kill:"),
        f"killed {line.get('pid')}",
        ends=BARRED if always else DELIVERED,
        taken=(0, 0) if always else (1, 1),
        asked=(again, again),
    )


def before_the_result_commits(name: str, theatre: Theatre, *, outcome: str, heard: bool) -> Trial:
    """The answer is here; writing it down waits for the table of reports when the process is killed."""
    person = theatre.person()
    behaviour, always = OUTCOMES[outcome]
    theatre.fate(person, heard=heard)
    theatre.provider.behave(behaviour, to=person.phone, times=EVERY_TIME if always else ONCE)
    with theatre.closed("reminders_report") as session:
        keys = theatre.due(person)
        wait_for(lambda: bool(theatre.lines(keys)), every=0.05)
        [line, *_] = theatre.lines(keys)
        asking = line.get("pid", 0)
        pid = theatre.waiting_for(session, only=asking, missed=lambda: asking not in theatre.senders())
        landed = theatre.kill(pid)
    sleep(0.5)  # had it been another process, this one would write its answer down now
    landed &= not any(attempt.outcome for attempt in theatre.attempts(keys))
    again = 1 if outcome in ("accepted", "answer lost") else 2
    return Trial(
        name,
        keys,
        landed,
        f"killed {pid}",
        ends=BARRED if always else DELIVERED,
        taken=(0, 0) if always else (1, 1),
        asked=(again, again),
    )


def after_the_result_committed(name: str, theatre: Theatre, *, outcome: str, heard: bool) -> Trial:
    """The result is written; the task is kept from its end, and from its acknowledgement, by a slower companion."""
    person, companion = theatre.person(), theatre.person()
    behaviour, always = OUTCOMES[outcome]
    for one in (person, companion):
        theatre.fate(one, heard=heard)
    theatre.provider.behave(behaviour, to=person.phone, times=EVERY_TIME if always else ONCE)
    theatre.provider.behave("hold", to=companion.phone, times=ONCE)
    keys = theatre.due(person, companion)
    wait_for(lambda: bool(theatre.attempts(keys[1:])))
    with theatre.held("reminders_attempt", theatre.attempts(keys[1:])[0].pk) as session:
        wait_for(lambda: bool(theatre.answered(keys[:1])), missed=lambda: bool(theatre.blocked_by(session)))
        theatre.provider.wish(release=True)
        pid = theatre.waiting_for(session, missed=lambda: bool(theatre.answered(keys[1:])))
        written = [attempt.outcome for attempt in theatre.attempts(keys[:1])] == [WRITTEN[outcome]]
        landed = theatre.kill(pid) and written
    again = 2 if outcome == "not accepted" else 1
    return Trial(
        name,
        keys[:1],
        landed,
        f"killed {pid}",
        ends=BARRED if always else DELIVERED,
        taken=(0, 0) if always else (1, 1),
        asked=(again, again),
    )


def cases() -> Iterator[FaultCase]:
    for heard in (True, False):
        how = "callbacks" if heard else "no callbacks"
        for play in (before_the_socket, before_the_claim_commits):
            name = f"killed {play.__name__.replace('_', ' ')}, {how}"
            yield FaultCase(name, partial(play, name, heard=heard), short=True)
        for play in (after_bytes_were_sent, before_the_result_commits, after_the_result_committed):
            for outcome in OUTCOMES:
                if (play, outcome) == (after_bytes_were_sent, "answer lost"):
                    continue  # killed there, the answer is lost in any case
                name = f"killed {play.__name__.replace('_', ' ')}, {outcome}, {how}"
                short = outcome == "accepted" or (heard and outcome == "refused")
                yield FaultCase(name, partial(play, name, outcome=outcome, heard=heard), short=short)
