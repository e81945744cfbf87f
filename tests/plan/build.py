"""A protocol and the facts of one surgery as plain values, as small as the promise at hand needs."""

from dataclasses import replace
from datetime import UTC, date, datetime, time, timedelta
from zoneinfo import ZoneInfo

from patients.models import Site
from reminders.plan.facts import HORIZON
from reminders.plan.schedule import lay_out
from reminders.plan.values import (
    Anchor,
    Facts,
    PhaseSpan,
    ProtocolSpec,
    StepSpec,
    VisitFact,
    VisitSpec,
    Wanted,
)

DAY0 = date(2026, 3, 2)  # a Monday
NEW_YORK = ZoneInfo("America/New_York")
PHASES = (PhaseSpan("early", 0, 14), PhaseSpan("middle", 15, 42), PhaseSpan("late", 43, None))
SIX_WEEKS = VisitSpec("six-weeks", 39, 42, 48)
YEARLY = VisitSpec("yearly", 355, 365, 380, repeat_days=365)
FACTS = Facts(
    day0=DAY0,
    zone=NEW_YORK,
    site_zone=NEW_YORK,
    opens=time(9),
    closes=time(20),
    until=date(2027, 4, 6),
    enrolled_on=DAY0,
)


def facts_at(site: Site, day0: date, **facts: object) -> Facts:
    """Of somebody who is operated on and enrolled on that day at a site, and lives in its time zone."""
    staffed = frozenset(site.staffed_weekdays)
    place = Facts(day0, site.zone, site.zone, site.send_from, site.send_until, day0 + HORIZON, day0, staffed)
    return replace(place, **facts)


def all_booked(protocol: ProtocolSpec, site: Site, day0: date, part: str) -> tuple[VisitFact, ...]:
    """Every visit, at two o'clock on a day of its window: `first_day`, `target_day` or `last_day`."""
    days = {visit.code: day0 + timedelta(days=getattr(visit, part)) for visit in protocol.visits}
    at = {code: datetime.combine(day, time(14), site.zone) for code, day in days.items()}
    return tuple(VisitFact(code, 0, "booked", moment, 1) for code, moment in at.items())


def a_step(anchor: Anchor = Anchor.SURGERY, day: int = 0, **facts: object) -> StepSpec:
    values = {"code": "step", "at": time(10), "phase": "early"}
    return StepSpec(**(values | {"anchor": anchor, "offset_days": day} | facts))


def a_protocol(*steps: StepSpec, visits: tuple[VisitSpec, ...] = (SIX_WEEKS, YEARLY)) -> ProtocolSpec:
    return ProtocolSpec(phases=PHASES, visits=visits, steps=steps)


def a_visit(state: str, at: str = "", *, code: str = "six-weeks", occurrence: int = 0, bookings: int = 1) -> VisitFact:
    booked_for = datetime.fromisoformat(at).replace(tzinfo=UTC) if at else None
    return VisitFact(code, occurrence, state, booked_for, bookings)


def wanted(*steps: StepSpec, **facts: object) -> list[Wanted]:
    return lay_out(a_protocol(*steps), replace(FACTS, **facts)).reminders


def local_days(reminders: list[Wanted], zone: ZoneInfo = NEW_YORK) -> list[int]:
    """Each reminder's day number, in the order they are due."""
    return [(one.due_at.astimezone(zone).date() - DAY0).days for one in reminders]
