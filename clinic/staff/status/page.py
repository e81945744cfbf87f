"""The system status for managers: warnings, held messages, alarms, and what cannot be promised."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from zoneinfo import ZoneInfo

from django.db.models import Q

from clinic import broker, zone_data
from clinic.health import ages_at, found_in
from clinic.staff.board.date_format import when
from clinic.staff.formats import Pill, count
from clinic.staff.status import marked_numbers
from patients import time_zones
from patients.models import Site
from reminders.delivery.models import Alarm, Breaker, Freeze
from reminders.delivery.monitoring import backlog, due_unsent, problems, watchdogs
from reminders.delivery.monitoring.due_unsent import Counted
from reminders.delivery.monitoring.watchdogs import TOLD_BETTER, WatchdogWarning
from reminders.plan.models import Reminder

PARTS = {
    "sweep": "The scheduler",
    "send": "Sending of texts",
    "mail": "Sending of e-mails",
    "seek": "Check of messages with no answer from the provider",
    "hear": "Check for missed incoming texts",
    "timer": "Second timer (manage.py sweep)",
}


@dataclass(frozen=True, slots=True)
class ProgramPart:
    """A part of the program that does its round again and again."""

    name: str
    pill: Pill
    last: str


@dataclass(frozen=True, slots=True)
class OpenBreaker:
    where: str
    why: str
    since: str
    probe: str
    people: int


@dataclass(frozen=True, slots=True)
class OpenAlarm:
    pk: int
    sentence: str
    where: str
    times: str
    since: str
    urgent: bool


@dataclass(frozen=True, slots=True)
class StatusPage:
    moment: str
    said: list[tuple[str, WatchdogWarning]]
    parts: list[ProgramPart]
    breakers: list[OpenBreaker]
    alarms: list[OpenAlarm]
    freeze: str
    counts: list[Counted]


def status(sites: list[Site], now: datetime) -> StatusPage:
    """`sites`: those the reader manages. Nothing of another site is told; times are those of the first one."""
    reader = StatusReader(sites, now)
    return StatusPage(
        moment=f"{reader.when(now)} at {sites[0]}",
        said=reader.said(),
        parts=list(reader.parts()),
        breakers=list(reader.breakers()),
        alarms=list(reader.alarms()),
        freeze=reader.freeze(),
        counts=list(due_unsent.counts(now, sites).values()),
    )


class StatusReader:
    def __init__(self, sites: list[Site], now: datetime) -> None:
        self.sites, self.now = sites, now
        self.zone: ZoneInfo = sites[0].zone
        self.mine = Q(site__in=sites) | Q(site=None)

    def when(self, moment: datetime) -> str:
        return when(moment, now=self.now, zone=self.zone)

    def where(self, site: Site | None) -> str:
        return str(site) if site else "every site"

    def said(self) -> list[tuple[str, WatchdogWarning]]:
        """Each site's own troubles, and once what troubles all of them. Alarms have a list of their own below."""
        found: list[tuple[str, WatchdogWarning]] = []
        alarms = set(Alarm.objects.filter(self.mine, cleared_at=None).values_list("kind", flat=True)) - {*TOLD_BETTER}
        for n, site in enumerate(self.sites):
            for warning in found_in(site, self.now):
                if warning.kind not in alarms and (warning.site or n == 0):
                    found.append((str(site) if warning.site else "every site", warning))
        found += [("every site", warning) for warning in broker.warnings() + zone_data.warnings()]
        found += marked_numbers.warnings(self.sites)
        return sorted(found, key=lambda pair: not pair[1].urgent)

    def parts(self) -> Iterable[ProgramPart]:
        ages = ages_at(self.now)
        barking = {warning.kind for warning in watchdogs.warnings(self.now)}
        for name, title in PARTS.items():
            age = ages[name]
            pill = Pill("stopped", "bad") if name in barking else Pill("running", "good")
            last = "has not run yet" if age is None else f"last round {_ago(age)}"
            yield ProgramPart(title, Pill("not seen") if age is None else pill, last)
        yield self.time_zones()

    def time_zones(self) -> ProgramPart:
        used, locked = time_zones.release(), time_zones.locked_release()
        pill = Pill("out of date", "warn") if zone_data.is_old(used, locked) else Pill("up to date", "good")
        return ProgramPart("Time zones", pill, f"IANA release {used or 'unknown'}, whatever the system has installed")

    def breakers(self) -> Iterable[OpenBreaker]:
        for breaker in Breaker.objects.filter(self.mine, closed_at=None).select_related("site"):
            held = backlog.held_by(breaker, self.now).filter(site__in=self.sites)
            yield OpenBreaker(
                where=f"{breaker.get_channel_display()}s, {self.where(breaker.site)}",
                why=problems.cause(breaker.code, breaker.why),
                since=self.when(breaker.opened_at),
                probe=self.probe(breaker),
                people=backlog.people(Reminder.objects.none(), held),
            )

    def probe(self, breaker: Breaker) -> str:
        """One message tries again at a time; when the provider takes it, all others follow."""
        so_far = f"after {count(breaker.probes, 'failure')}" if breaker.probes else "for the first time"
        if breaker.probe_at <= self.now:
            return f"one message tries again now, {so_far}"
        return f"one message tries again {self.when(breaker.probe_at)}, {so_far}"

    def alarms(self) -> Iterable[OpenAlarm]:
        rows = Alarm.objects.filter(self.mine, cleared_at=None).exclude(kind__in=TOLD_BETTER)
        for alarm in rows.select_related("site"):
            trouble = problems.of(alarm.kind)
            yield OpenAlarm(
                pk=alarm.pk,
                sentence=f"{trouble.sentence} {alarm.detail}".strip(),
                where=" · ".join(filter(None, [self.where(alarm.site), alarm.subject])),
                times=count(alarm.count, "time"),
                since=self.when(alarm.first_at),
                urgent=trouble.urgent,
            )

    def freeze(self) -> str:
        frozen = Freeze.objects.filter(in_force=True).first()
        if not frozen:
            return ""
        if frozen.reconciled_at:
            return f"Compared with what the provider has sent, {self.when(frozen.reconciled_at)}. It can be released."
        return "Not yet compared with what the provider has sent since. Run: manage.py reconcile"


def _ago(seconds: float) -> str:
    if seconds < 120:
        return f"{count(int(seconds), 'second')} ago"
    minutes = int(seconds // 60)
    return f"{count(minutes, 'minute')} ago" if minutes < 120 else f"{count(minutes // 60, 'hour')} ago"
