"""Watchdogs: what is wrong now, in sentences for people; `/health/` and the metrics use the same ones.

A watchdog that finds nothing says nothing. Each has a name (`kind`), which machines go by.
"""

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta

from django.db.models import Min, Q

from patients.models import Contact, Site
from reminders.delivery import heartbeats
from reminders.delivery.models import Alarm, Attempt, Breaker, Delivery, Freeze, ProviderClock, Report
from reminders.delivery.monitoring import backlog, problems
from reminders.delivery.safeguards import provider_clock
from reminders.delivery.state import State

SILENT = timedelta(minutes=3)  # the sweep comes every few seconds
LATE, VERY_LATE = timedelta(minutes=3), timedelta(minutes=5)
PROBED = timedelta(minutes=5)  # an open breaker's first probe has failed by then
UNKNOWN_LONG = timedelta(minutes=30)  # look-ups settle it within 15
SEEK_SILENT = timedelta(minutes=5)  # it comes every half minute
HEAR_SILENT = timedelta(minutes=15)  # every five
TIMER_SILENT = timedelta(minutes=20)  # a cron line may ring every five
UNDECIDED_LONG = timedelta(hours=4)  # of a held contact
UNMATCHED = timedelta(minutes=10)  # a report may be here before the attempt it tells of can be seen
CALLBACK_AWAITED, CALLBACK_WATCHED = timedelta(hours=1), timedelta(days=1)
FEW = 3  # texts without a callback, and half of all: below that a single lost one is no sign of anything


@dataclass(frozen=True, slots=True)
class WatchdogWarning:
    """`urgent`: somebody has to act now, so a pager is called. `on_board`: reception should know too."""

    kind: str
    since: datetime | None
    people: int
    sentence: str
    urgent: bool = False
    on_board: bool = False
    site: int | None = None


@dataclass(frozen=True, slots=True)
class Watch:
    """What one check looks at: a moment, and one site (with what concerns all sites) or every site."""

    now: datetime
    site: Site | None

    def when(self, moment: datetime) -> str:
        """The hour; with its day when that is not today."""
        zone = self.site.zone if self.site else self.now.tzinfo
        local, today = moment.astimezone(zone), self.now.astimezone(zone).date()
        hour = f"{local:%H:%M}" if self.site else f"{local:%H:%M} UTC"
        return hour if local.date() == today else f"{local:%a} {local.day} {local:%b}, {hour}"

    @property
    def place(self) -> int | None:
        """The key of the site; None for every site."""
        return self.site.pk if self.site else None

    def here(self) -> Q:
        """Rows of this site and rows of no site; all rows when no site is given."""
        return Q(site=self.site.pk) | Q(site=None) if self.site else Q()


Watchdog = Callable[[Watch], Iterator[WatchdogWarning]]


def warnings(now: datetime, site: Site | None = None) -> list[WatchdogWarning]:
    """All that is wrong, the most urgent first. A fixed number of queries, each of few rows."""
    watch = Watch(now, site)
    found = [warning for watchdog in WATCHDOGS.values() for warning in watchdog(watch)]
    return sorted(found, key=lambda warning: not warning.urgent)


def sweep(watch: Watch) -> Iterator[WatchdogWarning]:
    """The scheduler's round. Before its first (a fresh installation) only what is due tells that it is missing."""
    last = heartbeats.last().get(heartbeats.SWEEP)
    if last and watch.now - last > SILENT:
        said = (
            f"Nothing new has been sent since {watch.when(last)}: the scheduler has stopped. "
            "Your administrator must restart worker and beat."
        )
        yield WatchdogWarning("sweep", last, 0, said, urgent=True, on_board=True)


def timer(watch: Watch) -> Iterator[WatchdogWarning]:
    """Warns when `manage.py sweep` has stopped running; silent where it never ran."""
    last = heartbeats.last().get(heartbeats.TIMER)
    if last and watch.now - last > TIMER_SILENT:
        yield WatchdogWarning(
            "timer", last, 0, f"The second timer (manage.py sweep) has not run since {watch.when(last)}."
        )


def seek(watch: Watch) -> Iterator[WatchdogWarning]:
    """Warns when the provider is not asked about lost answers. Not urgent: long doubts have their own watchdog."""
    last = heartbeats.last().get(heartbeats.SEEK)
    if last and watch.now - last > SEEK_SILENT:
        said = f"The provider has not been asked about messages without an answer since {watch.when(last)}."
        yield WatchdogWarning("seek", last, 0, said)


def hear(watch: Watch) -> Iterator[WatchdogWarning]:
    """Warns when incoming texts are not fetched from the provider's list any more."""
    last = heartbeats.last().get(heartbeats.HEAR)
    if last and watch.now - last > HEAR_SILENT:
        said = f"Missed incoming texts, perhaps a STOP, have not been fetched since {watch.when(last)}."
        yield WatchdogWarning("hear", last, 0, said)


def senders(watch: Watch) -> Iterator[WatchdogWarning]:
    """Warns when a sender has not run while something waits for it; it is only started when there is work."""
    beats = heartbeats.last()
    for channel, name in heartbeats.SENDERS.items():
        last, oldest = beats.get(name), backlog.oldest_due(watch.now, channel=channel)
        if last and oldest and watch.now - last > SILENT and watch.now - oldest > SILENT:
            said = f"The {name} worker has not run since {watch.when(last)}, and messages are waiting for it."
            yield WatchdogWarning(name, last, 0, said, urgent=True)


def due(watch: Watch) -> Iterator[WatchdogWarning]:
    """Warns of messages that are late with nothing to hold them."""
    oldest = backlog.oldest_due(watch.now, watch.site)
    if oldest and watch.now - oldest > LATE:
        number = backlog.people(backlog.planned(watch.now, watch.site), backlog.queued(watch.now, watch.site))
        why = "sending has stopped or cannot keep up"
        said = f"{problems.late(number)} late since {watch.when(oldest)}: {why}."
        urgent = watch.now - oldest > VERY_LATE
        yield WatchdogWarning("due", oldest, number, said, urgent, on_board=True, site=watch.place)


def rate(watch: Watch) -> Iterator[WatchdogWarning]:
    """Warns of messages that are late only because the sender's rate is used up."""
    slow = backlog.slowed(watch.now, watch.site).filter(not_before__lt=watch.now - LATE)
    number = backlog.people(backlog.planned(watch.now).none(), slow)
    if number:
        since = slow.aggregate(at=Min("not_before"))["at"]
        said = f"{problems.late(number)} late since {watch.when(since)}: {problems.SLOW}"
        yield WatchdogWarning("rate", since, number, said, on_board=True, site=watch.place)


def breaker(watch: Watch) -> Iterator[WatchdogWarning]:
    """Warns of each open breaker, and of how many people wait for it."""
    for opened in Breaker.objects.filter(watch.here(), closed_at=None).select_related("site").order_by("opened_at"):
        held = backlog.held_by(opened, watch.now, watch.site)
        number = backlog.people(backlog.planned(watch.now).none(), held)
        earliest = held.aggregate(at=Min("reminder__due_at"))["at"]
        since = max(opened.opened_at, earliest or opened.opened_at)
        said = problems.held(number, watch.when(since), opened.channel, opened.code, opened.why)
        if opened.site and not watch.site:
            said = f"{opened.site}: {said}"
        urgent = watch.now - opened.opened_at > PROBED
        yield WatchdogWarning("breaker", since, number, said, urgent, on_board=True, site=opened.site_id)


def freeze(watch: Watch) -> Iterator[WatchdogWarning]:
    """Warns that a hold is in force. A person set it, so it is not urgent, but it must not be forgotten."""
    for frozen in Freeze.objects.filter(in_force=True):
        number = backlog.people(
            backlog.planned(watch.now, watch.site), Delivery.objects.claimable(watch.now).filter(watch.here())
        )
        said = problems.frozen(number, watch.when(frozen.since), frozen.why)
        yield WatchdogWarning("freeze", frozen.since, number, said, on_board=True)


def unknown(watch: Watch) -> Iterator[WatchdogWarning]:
    """Warns of messages for which it has long been unknown whether they were sent."""
    long = Delivery.objects.filter(watch.here(), state=State.UNKNOWN, claimed_at__lt=watch.now - UNKNOWN_LONG)
    number = backlog.people(backlog.planned(watch.now).none(), long)
    if number:
        since = long.aggregate(at=Min("claimed_at"))["at"]
        said = problems.unknown(number, watch.when(since))
        yield WatchdogWarning("unknown", since, number, said, on_board=True, site=watch.place)


def undecided(watch: Watch) -> Iterator[WatchdogWarning]:
    """Warns of contacts held by a text that may be an opt-out: the patient gets nothing until somebody decides."""
    held = Contact.objects.filter(held_since__lt=watch.now - UNDECIDED_LONG, ended_at=None)
    held = held.for_site(watch.site) if watch.site else held
    number = held.values("patient").distinct().count()
    if number:
        since = held.aggregate(at=Min("held_since"))["at"]
        said = problems.undecided(number, watch.when(since))
        yield WatchdogWarning("undecided", since, number, said, on_board=True, site=watch.place)


def clocks(watch: Watch) -> Iterator[WatchdogWarning]:
    """Warns when our clock and a provider's are apart: quiet hours and the matching of lost answers hang on it."""
    lately = ProviderClock.objects.filter(measured_at__gt=watch.now - provider_clock.BELIEVED)
    for one in lately.exclude(apart_since=None):
        said = problems.apart(one.ahead, one.provider)
        yield WatchdogWarning("clocks", one.apart_since, 0, said, urgent=True)


def callbacks(watch: Watch) -> Iterator[WatchdogWarning]:
    """Warns when results come only from polls because the provider's callbacks no longer arrive."""
    total, missing = callback_rate(watch.now, watch.site)
    if missing >= FEW and missing * 2 >= total:
        said = (
            f"The provider does not report whether texts arrive: {missing} of {total} results came only by asking. "
            "Check PUBLIC_URL and the proxy."
        )
        yield WatchdogWarning("callbacks", None, 0, said, site=watch.place)


def callback_rate(now: datetime, site: Site | None = None) -> tuple[int, int]:
    """Of the texts of the last day that were accepted more than an hour ago: how many, and how many of them ended by
    a poll's or a look-up's word while no callback ever came."""
    sites = [site.pk] if site else list(Site.objects.values_list("pk", flat=True))  # lets the index by site serve
    age = Q(delivery__claimed_at__gte=now - CALLBACK_WATCHED, delivery__claimed_at__lt=now - CALLBACK_AWAITED)
    texts = Attempt.objects.filter(age, delivery__site__in=sites, route="twilio").exclude(provider_id="")
    told = Report.objects.filter(source="callback").values("attempt")
    untold = texts.exclude(pk__in=told.filter(attempt__in=texts))
    found = Report.objects.filter(source__in=FOUND_BY_ASKING, status__in=FINAL_WORDS, attempt__in=untold)
    return texts.count(), found.values("attempt").distinct().count()


FOUND_BY_ASKING = ("poll", "lookup")
FINAL_WORDS = ("delivered", "undelivered", "failed", "read", "canceled")


def orphans(watch: Watch) -> Iterator[WatchdogWarning]:
    """Warns of reports that match no message; they belong to no site."""
    rows = Report.objects.filter(attempt=None, received_at__gte=watch.now - CALLBACK_WATCHED)
    number = rows.filter(received_at__lt=watch.now - UNMATCHED).count()
    if number:
        said = f"Provider reports in the last day that match no message of ours: {number}."
        yield WatchdogWarning("orphans", None, 0, said)


def alarms(watch: Watch) -> Iterator[WatchdogWarning]:
    """Warns of open alarms: each stays open until it is over or somebody has seen it."""
    rows = Alarm.objects.filter(watch.here(), cleared_at=None).exclude(kind__in=TOLD_BETTER)
    for alarm in rows.order_by("first_at"):
        trouble = problems.of(alarm.kind)
        said = trouble.sentence + (f" ({alarm.detail.rstrip('.')})" if alarm.detail else "")
        yield WatchdogWarning(alarm.kind, alarm.first_at, 0, said, trouble.urgent, trouble.on_board, alarm.site_id)


TOLD_BETTER = ["breaker"]  # by a watchdog of its own, with the people who wait

WATCHDOGS: dict[str, Watchdog] = {
    "sweep": sweep,
    "timer": timer,
    "seek": seek,
    "hear": hear,
    "senders": senders,
    "due": due,
    "rate": rate,
    "breaker": breaker,
    "freeze": freeze,
    "unknown": unknown,
    "undecided": undecided,
    "clocks": clocks,
    "callbacks": callbacks,
    "orphans": orphans,
    "alarms": alarms,
}
