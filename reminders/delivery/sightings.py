"""Which message in the provider's list is which attempt of ours. Pure."""

from collections import defaultdict
from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from uuid import UUID

# Two clocks, ours and the provider's, and its whole seconds. Too little would send a text twice; too much does no harm,
# since what an earlier attempt holds is out of the question anyhow.
CLOCKS_APART = timedelta(minutes=2)


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
        return self.direction == "inbound"


@dataclass(frozen=True, slots=True)
class Lost:
    """An attempt whose answer was lost. `gone_by`: whatever it started has reached the provider by then."""

    attempt: UUID
    text: str = field(repr=False)
    started_at: datetime
    gone_by: datetime


@dataclass(frozen=True, slots=True)
class Doubt:
    """There are messages that could be this attempt's, and no telling which. It must not be sent again."""


Verdict = Sighting | Doubt | None  # None: the list does not show it


def match(
    lost: Sequence[Lost],
    listed: Iterable[Sighting],
    *,
    held: Collection[str] = (),
    foreign: Collection[str] = (),
) -> dict[UUID, Verdict]:
    """For all lost attempts to one number. `held`: message ids of other attempts; `foreign`: senders of other sites.

    As many messages of one wording as attempts, or fewer: they are given out in order of time, which is right
    whoever got which. More than that is doubt. Where bodies are redacted only count and time are left, so every
    attempt must find its own, or all are in doubt.
    """
    ours = [one for one in listed if _may_be_ours(one, held, foreign)]
    verdicts = _by_wording(lost, [one for one in ours if one.text])
    unfound = [one for one in lost if verdicts[one.attempt] is None]
    return verdicts | _by_time(unfound, [one for one in ours if not one.text])


def _may_be_ours(one: Sighting, held: Collection[str], foreign: Collection[str]) -> bool:
    return not (one.is_inbound or one.sid in held or one.sender in foreign or one.service in foreign)


def _by_wording(lost: Sequence[Lost], listed: list[Sighting]) -> dict[UUID, Verdict]:
    groups: dict[str, list[Lost]] = defaultdict(list)
    for one in sorted(lost, key=lambda one: one.started_at):
        groups[plain(one.text)].append(one)
    verdicts: dict[UUID, Verdict] = {}
    for text, attempts in groups.items():
        seen = [one for one in listed if plain(one.text).endswith(text) and not _before(one, attempts[0])]
        verdicts |= _give_out(attempts, seen)
    return verdicts


def _give_out(attempts: list[Lost], seen: list[Sighting]) -> dict[UUID, Verdict]:
    if len(seen) > len(attempts):
        return {one.attempt: Doubt() for one in attempts}
    free = sorted(seen, key=_moment)
    verdicts: dict[UUID, Verdict] = {}
    for one in attempts:
        verdicts[one.attempt] = free.pop(0) if free and not _before(free[0], one) else None
    return {key: verdict or Doubt() for key, verdict in verdicts.items()} if free else verdicts


def _by_time(lost: Sequence[Lost], listed: list[Sighting]) -> dict[UUID, Verdict]:
    seen = {s.sid: s for one in lost for s in listed if not _before(s, one) and not _after(s, one)}
    if not seen:
        return {one.attempt: None for one in lost}
    if len(seen) != len(lost):
        return {one.attempt: Doubt() for one in lost}
    pairs = zip(sorted(lost, key=lambda one: one.started_at), sorted(seen.values(), key=_moment), strict=True)
    return {one.attempt: Doubt() if _before(s, one) or _after(s, one) else s for one, s in pairs}


def _before(one: Sighting, attempt: Lost) -> bool:
    return one.created_at is not None and one.created_at < attempt.started_at - CLOCKS_APART


def _after(one: Sighting, attempt: Lost) -> bool:
    return one.created_at is not None and one.created_at > attempt.gone_by + CLOCKS_APART


def _moment(one: Sighting) -> float:
    return one.created_at.timestamp() if one.created_at else 0.0


def plain(text: str) -> str:
    """Providers may change spaces, and put a word of their own in front (trial accounts)."""
    return " ".join(text.split())
