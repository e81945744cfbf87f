"""The life of one text by the tables of the contract: a model that knows no rows, for the real ones to agree with."""

from reminders.delivery.outcomes import Accepted, NotProcessed, Outcome, Refused, Unknown
from reminders.delivery.state import OPEN, State

FINAL = {str(state) for state in State if state not in OPEN}
LOST, TAKEN, SENT, UNCLEAR, FOR_NOW, OURS, LATE, GONE, OUT = range(2, 11)
STATE = {TAKEN: "accepted", SENT: "sent", UNCLEAR: "unknown", OURS: "queued", LATE: "expired", OUT: "suppressed"}
WORDS: dict[tuple[str, int], int] = {
    ("queued", 0): TAKEN,
    ("a word of tomorrow", 0): TAKEN,
    ("sent", 0): SENT,
    ("sent", 30005): SENT,
    ("undelivered", 30003): FOR_NOW,
    ("failed", 30008): FOR_NOW,
    ("failed", 30410): UNCLEAR,
    ("failed", 30034): OURS,
    ("failed", 30036): LATE,
    ("undelivered", 30007): GONE,
    ("failed", 21610): OUT,
}
ANSWERS: dict[str, Outcome] = {
    "accepted": Accepted("", "queued"),
    "lost": Unknown("no answer in time"),
    "not processed": NotProcessed("HTTP 429", None),
    "no such number": Refused(30004, "refused for good"),
    "never seen": Refused(99999, "never seen"),
    "account": Refused(20003, "authenticate"),
    "opted out": Refused(21610, "opted out"),
}
REFUSED = {"no such number": GONE, "never seen": FOR_NOW, "account": OURS, "opted out": OUT}
TRIES = {30003: 2, 30008: 1, 99999: 1}


class Model:
    """One event after the other, by the tables of the contract: what came last, and the strongest of each attempt."""

    def __init__(self) -> None:
        self.state, self.newest, self.tried = "queued", 0, 0
        self.strongest: dict[int, int] = {}
        self.known: set[int] = set()  # attempts whose number at the provider is known

    def claimed(self) -> None:
        self.state, self.newest = "claimed", self.newest + 1
        self.strongest[self.newest] = 1

    def answered(self, number: int, kind: str) -> None:
        if kind == "accepted":
            self.reported(number, TAKEN, 0)
        elif number not in self.known:
            rank = REFUSED.get(kind, LOST if kind == "lost" else 0)
            was, self.strongest[number] = self.strongest[number], rank
            if number != self.newest or self.state in FINAL or was == rank:
                return
            if kind == "lost":
                self.state = "unknown" if self.state == "claimed" else self.state
            elif kind == "not processed":
                self.state = "queued"
            else:
                self.goes(rank, 99999, by_answer=True)

    def reported(self, number: int, rank: int, code: int) -> None:
        if number not in self.known:  # the provider has it, whatever our own call ended in
            self.known.add(number)
            self.strongest[number] = 1 if self.strongest[number] != LOST else LOST
        rank = max(rank, TAKEN)
        stronger = rank > self.strongest[number]
        self.strongest[number] = max(rank, self.strongest[number])
        if stronger and number == self.newest and self.state not in FINAL:
            self.goes(rank, code)

    def goes(self, rank: int, code: int, *, by_answer: bool = False) -> None:
        gone = "rejected" if by_answer else "undelivered_perm"
        if rank == FOR_NOW:
            self.state = "undelivered_temp" if self.tried < TRIES[code] else gone
        else:
            self.state = gone if rank == GONE else STATE[rank]
