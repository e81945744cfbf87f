"""Matches messages in the provider's list to our attempts. Pure."""

from collections import defaultdict
from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from uuid import UUID

# Two clocks, ours and the provider's, and its whole seconds. Too little would send a text twice; too much does no harm,
# since what an earlier attempt holds is out of the question anyhow.
CLOCKS_APART = timedelta(minutes=2)
DAY = timedelta(days=1)


@dataclass(frozen=True, slots=True)
class Sighting:
    """One message as Twilio lists it. `text` is empty when the account redacts bodies."""

    sid: str
    status: str
    error_code: int | None
    to: str = field(repr=False)
    sender: str = field(repr=False)
    text: str = field(repr=False)
    created_at: datetime | None
    direction: str
    service: str = ""  # MG…, where one stood between
    media: int = 0

    @property
    def is_inbound(self) -> bool:
        """True for a text that a patient sent to us."""
        return self.direction == "inbound"

    @property
    def was_asked_for(self) -> bool:
        """Through the API, as all attempts are. An answer that rode in a webhook is listed as `outbound-reply`."""
        return self.direction == "outbound-api"


@dataclass(frozen=True, slots=True)
class Lost:
    """An attempt whose answer was lost. `gone_by`: whatever it started has reached the provider by then."""

    attempt: UUID
    delivery: int
    text: str = field(repr=False)
    started_at: datetime
    gone_by: datetime


@dataclass(frozen=True, slots=True)
class Doubt:
    """There are messages that could be this attempt's, and no telling which. It must not be sent again.

    `other_time`: none fits its time, as where a clock is wrong; but nobody else owns them.
    """

    other_time: bool = False


Verdict = Sighting | Doubt | None  # None: the list does not show it


def match(
    lost: Sequence[Lost],
    listed: Iterable[Sighting],
    *,
    held: Collection[str] = (),
    foreign: Collection[str] = (),
) -> dict[UUID, Verdict]:
    """For all lost attempts to one number. `held`: message ids of other attempts; `foreign`: senders of other sites.

    Messages and attempts of one wording and one moment are taken together: as many of these as of those, and they
    are given out in order of time; none, and there is none. Fewer go to the newest where all are tries of one delivery:
    it has left, whichever try it was. Any other number is doubt, as nobody can say whose they are; so is a message in
    these words that fits nobody's time. Where bodies are redacted, the moment alone is left, and doubt
    is what is less than a day away.
    """
    ours = [one for one in listed if _may_be_ours(one, held, foreign)]
    verdicts = _by_wording(lost, [one for one in ours if one.text])
    unfound = [one for one in lost if verdicts[one.attempt] is None]
    silent = [one for one in ours if not one.text]
    return verdicts | _or_doubt(unfound, silent, _by_time(unfound, silent), within=DAY)


def _may_be_ours(one: Sighting, held: Collection[str], foreign: Collection[str]) -> bool:
    return one.was_asked_for and not (one.sid in held or one.sender in foreign or one.service in foreign)


def _by_wording(lost: Sequence[Lost], listed: list[Sighting]) -> dict[UUID, Verdict]:
    groups: dict[str, list[Lost]] = defaultdict(list)
    for one in lost:
        groups[plain(one.text)].append(one)
    verdicts: dict[UUID, Verdict] = {}
    for text, attempts in groups.items():
        seen = [one for one in listed if plain(one.text).endswith(text)]
        verdicts |= _or_doubt(attempts, seen, _late(attempts, seen, _by_time(attempts, seen)))
    return verdicts


def _by_time(lost: Sequence[Lost], listed: Iterable[Sighting]) -> dict[UUID, Verdict]:
    verdicts: dict[UUID, Verdict] = {}
    for attempts in _together(lost):
        seen = sorted((one for one in listed if any(_fits(one, attempt) for attempt in attempts)), key=_moment)
        verdicts |= {attempt.attempt: Doubt() if seen else None for attempt in attempts}
        if _can_be_told(attempts, seen):
            pairs = zip(attempts[len(attempts) - len(seen) :], seen, strict=True)
            verdicts |= {attempt.attempt: one if _fits(one, attempt) else Doubt() for attempt, one in pairs}
    return verdicts


def _can_be_told(attempts: Sequence[Lost], seen: Sequence[Sighting]) -> bool:
    is_one = len({attempt.delivery for attempt in attempts}) == 1
    return len(seen) == len(attempts) or (len(seen) < len(attempts) and is_one)


def _together(lost: Sequence[Lost]) -> list[list[Lost]]:
    """Attempts whose times run into each other: a message of the one could be the other's."""
    groups: list[list[Lost]] = []
    end: datetime | None = None
    for one in sorted(lost, key=lambda one: one.started_at):
        if end is None or one.started_at - CLOCKS_APART > end:
            groups.append([])
        groups[-1].append(one)
        end = max(end or one.gone_by, one.gone_by + CLOCKS_APART)
    return groups


def _late(lost: Sequence[Lost], listed: Iterable[Sighting], verdicts: dict[UUID, Verdict]) -> dict[UUID, Verdict]:
    """A process that was stopped half-way may have gone on long after: these words at a time that fits nobody."""
    for one in sorted(listed, key=_moment):
        earlier = [attempt for attempt in lost if not _before(one, attempt)]
        if not earlier or any(_fits(one, attempt) for attempt in earlier):
            continue
        last = max(earlier, key=lambda attempt: attempt.started_at).attempt
        verdicts[last] = verdicts[last] or one
    return verdicts


def _or_doubt(
    lost: Sequence[Lost],
    listed: Iterable[Sighting],
    verdicts: dict[UUID, Verdict],
    *,
    within: timedelta | None = None,
) -> dict[UUID, Verdict]:
    """What fits nobody's time and nobody was given may be any attempt's that has no verdict yet."""
    given = {one.sid for one in verdicts.values() if isinstance(one, Sighting)}
    left = [one for one in listed if one.sid not in given and not any(_fits(one, attempt) for attempt in lost)]
    for attempt in lost:
        if verdicts[attempt.attempt] is None and any(_is_near(one, attempt, within) for one in left):
            verdicts[attempt.attempt] = Doubt(other_time=True)
    return verdicts


def _is_near(one: Sighting, attempt: Lost, within: timedelta | None) -> bool:
    return within is None or one.created_at is None or abs(one.created_at - attempt.started_at) <= within


def _fits(one: Sighting, attempt: Lost) -> bool:
    return not _before(one, attempt) and not _after(one, attempt)


def _before(one: Sighting, attempt: Lost) -> bool:
    return one.created_at is not None and one.created_at < attempt.started_at - CLOCKS_APART


def _after(one: Sighting, attempt: Lost) -> bool:
    return one.created_at is not None and one.created_at > attempt.gone_by + CLOCKS_APART


def _moment(one: Sighting) -> float:
    return one.created_at.timestamp() if one.created_at else 0.0


def plain(text: str) -> str:
    """Providers may change spaces, and put a word of their own in front (trial accounts)."""
    return " ".join(text.split())
