"""What was found after a run, as plain values: the provider's ledger, the tables, and what people said. Pure."""

from collections.abc import Collection, Iterator, Mapping
from dataclasses import dataclass, field
from datetime import datetime, time, timedelta
from zoneinfo import ZoneInfo

from tests.faults.visits import Visit, VisitDeed

HELD_UP = timedelta(minutes=2)  # stopped for longer than a lease, on a machine however busy


@dataclass(frozen=True)
class LedgerRequest:
    """One request in the provider's ledger. `ends`: what became of it, told or not; empty while nothing did."""

    attempt: str
    at: datetime
    to: str
    sender: str
    sid: str
    ends: str = ""
    code: int = 0
    behaviour: str = "ok"
    pid: int = 0  # who asked, where it was looked up


@dataclass(frozen=True)
class Tried:
    """One attempt in the tables. `committed`: its claim, by the database's own order of commits."""

    id: str
    began: datetime
    sid: str = ""
    committed: datetime | None = None

    @property
    def claimed(self) -> datetime:
        return self.committed or self.began


@dataclass(frozen=True)
class Killed:
    """One process that the run ended, and when."""

    pid: int
    at: datetime


@dataclass(frozen=True)
class Delivered:
    """One delivery in the tables, with its promise."""

    id: int
    phone: str
    sender: str
    state: str
    not_before: datetime
    useful_until: datetime
    zone: str = "UTC"
    opens: time = time(0)
    closes: time = time(23, 59, 59)
    reason: str = ""
    attempts: tuple[Tried, ...] = ()
    after_unknown: int = 0
    story: tuple[str, ...] = ()
    channel: str = "sms"
    mail: str = ""  # the patient's own address, beside their phone
    mail_id: str = ""  # what its Message-ID is made of
    is_fallback: bool = False

    def is_timely(self, moment: datetime, tried: Tried | None) -> bool:
        """On the patient's clock. A process held up between its claim and its call cannot know how late it is."""
        began = tried.began if tried and moment - tried.began < HELD_UP else moment
        return self._in_hours(moment) or self._in_hours(began)

    def _in_hours(self, moment: datetime) -> bool:
        return self.opens <= self.local(moment).time() < self.closes

    def local(self, moment: datetime) -> datetime:
        return moment.astimezone(ZoneInfo(self.zone))


@dataclass(frozen=True)
class Promised:
    """One reminder in the tables."""

    id: int
    status: str
    due_at: datetime
    useful_until: datetime
    deliveries: tuple[Delivered, ...] = ()


@dataclass(frozen=True)
class ReceivedText:
    """A text from a patient. `answered`: when the program said 2xx; None: it never did. `kept`: rows it became.

    `stored`: when the first of them committed. `alerts`: how many it is a cause of.
    """

    sid: str
    phone: str
    sender: str
    text: str
    answered: datetime | None
    kept: int
    stored: datetime | None = None
    may_be_written_to: bool = True
    covers: tuple[str, ...] = ()  # e-mail addresses that a STOP ends too
    alerts: int = 0


@dataclass(frozen=True)
class Mailed:
    """One message, or one refused recipient, in the mail server's ledger.

    `taken`: kept, whether the server could say so or not. `id`: its Message-ID, and `key` the part before the @; both
    are empty where it was refused before it was shown.
    """

    id: str
    key: str
    at: datetime
    to: str
    taken: bool
    mode: str = "ok"


@dataclass(frozen=True)
class Unsubscribed:
    """No more mail to this address, by the link in one: when the program said yes to it, when it committed it."""

    address: str
    answered: datetime | None
    stored: datetime | None = None

    @property
    def known(self) -> datetime | None:
        return self.stored or self.answered


@dataclass(frozen=True)
class RunFacts:
    now: datetime
    ledger: tuple[LedgerRequest, ...] = ()
    promises: tuple[Promised, ...] = ()
    heard: tuple[ReceivedText, ...] = ()
    mails: tuple[Mailed, ...] = ()
    unsubscribed: tuple[Unsubscribed, ...] = ()
    lagging: bool = False  # the provider's list was made to show messages later than we wait for it
    deeds: tuple[VisitDeed, ...] = ()  # what was done to visits, and acknowledged
    shown: Mapping[str, Collection[Visit]] = field(
        default_factory=dict
    )  # the visits ahead, by the door that shows them
    said: Mapping[str, str | bytes] = field(default_factory=dict, repr=False)  # by logs, Redis, figures, addresses
    secrets: Mapping[str, str] = field(default_factory=dict, repr=False)  # by their names
    asked_for: dict[str, list[LedgerRequest]] = field(default_factory=dict, compare=False, init=False)

    def __post_init__(self) -> None:
        for line in self.ledger:
            self.asked_for.setdefault(line.attempt, []).append(line)

    def deliveries(self) -> Iterator[tuple[Promised, Delivered]]:
        for promised in self.promises:
            for delivery in promised.deliveries:
                yield promised, delivery

    def requests(self, delivery: Delivered) -> list[LedgerRequest]:
        """Of all its attempts, in the order in which they reached the provider."""
        lines = [line for attempt in delivery.attempts for line in self.asked_for.get(attempt.id, [])]
        return sorted(lines, key=lambda line: line.at)
