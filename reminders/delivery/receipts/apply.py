"""Reports on attempts move their deliveries: written in groups, then codes acted on, then followed up.

`derive` says where a delivery stood before the news and where it stands after; only a difference moves it. So a report
that comes again, or late, after a timer has moved the delivery on, changes nothing.
"""

from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime, time, timedelta
from zoneinfo import ZoneInfo

from reminders.delivery import waits
from reminders.delivery.codes import Action, Code, look_up
from reminders.delivery.followup.reminder_status import follow_up
from reminders.delivery.models import Attempt, Delivery
from reminders.delivery.receipts.code_actions import Failed, heed
from reminders.delivery.state import MAY_FOLLOW, OPEN, AttemptEvidence, DeliveryStanding, Finding, State
from reminders.delivery.transitions import move
from reminders.plan.local_time import moment
from reminders.plan.reasons import Reason

Words = Iterable[tuple[str, int]]
CARRIERS_DAY = ZoneInfo("America/Los_Angeles")  # T-Mobile counts a brand's texts from midnight to midnight there


@dataclass(frozen=True, slots=True)
class StateChange:
    """Where the evidence put a delivery before and after. `wait`: how long the provider asks us to stay away.

    `failed`: the code and place of a refusal or failure that is news, whether or not it moves anything.
    """

    delivery: int
    useful_until: datetime
    before: DeliveryStanding
    after: DeliveryStanding
    wait: timedelta = waits.FIRST_PROBE
    failed: tuple[int, str] | None = None


@dataclass(frozen=True, slots=True)
class GroupMove:
    """Where a group of deliveries goes."""

    finding: Finding
    state: State
    reason: Reason
    code: int
    not_before: datetime | None


def heard_of(attempt: Attempt, words: Words = ()) -> AttemptEvidence:
    """The evidence of one attempt; `words`: status and code of each report."""
    return AttemptEvidence(
        number=attempt.number,
        outcome=attempt.outcome,
        code=attempt.code,
        words=frozenset(words),
        by_mail=attempt.route == "smtp",
    )


def advance(all_news: Iterable[StateChange], *, now: datetime) -> None:
    """Call it with every delivery locked, last in the transaction."""
    groups: dict[GroupMove, list[int]] = defaultdict(list)
    failures: list[tuple[int, Code]] = []
    for news in all_news:
        if news.after.finding != news.before.finding:
            groups[_step(news, now)].append(news.delivery)
        if news.failed is not None:
            failures.append((news.delivery, look_up(*news.failed)))
    ended: list[int] = []
    for step, keys in groups.items():
        moved = _take(step, keys, now)
        if step.state not in OPEN or step.finding == Finding.UNCLEAR or step.state == State.SENT:
            ended += moved  # mail that is sent is as good as delivered
    rows = Delivery.objects.in_bulk({key for key, _ in failures})
    ended += heed((Failed(rows[key], code) for key, code in failures), now=now)
    follow_up(ended, now=now)


def _take(step: GroupMove, keys: list[int], now: datetime) -> list[int]:
    return move(
        keys,
        step.state,
        since=MAY_FOLLOW[step.finding],
        now=now,
        reason=step.reason,
        code=step.code,
        not_before=step.not_before,
    )


def _step(news: StateChange, now: datetime) -> GroupMove:
    after = _in_time(news, now)
    code = after.code if after.finding >= Finding.UNCLEAR or after.finding == Finding.NOT_TAKEN else 0
    until = None
    if after.state == State.UNDELIVERED_TEMP:
        until = retry_at(after.meaning, now)
    elif after.state == State.QUEUED:
        until = now + news.wait
    return GroupMove(after.finding, after.state, after.reason, code, until)


def _in_time(news: StateChange, now: datetime) -> DeliveryStanding:
    """A retry that would come too late to be of use is none: another way is taken at once (T14)."""
    after = news.after
    if after.state != State.UNDELIVERED_TEMP or retry_at(after.meaning, now) < news.useful_until:
        return after
    return after.given_up


def retry_at(code: Code, now: datetime) -> datetime:
    """When a temporary failure is tried again (T12, T13)."""
    if code.action == Action.RETRY_TOMORROW:
        tomorrow = now.astimezone(CARRIERS_DAY).date() + timedelta(days=1)
        return now + (moment(tomorrow, time(0), CARRIERS_DAY) - now) * waits.SCALE
    return now + waits.scaled(minutes=code.minutes_apart)
