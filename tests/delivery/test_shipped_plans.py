"""The limits of texts against the protocols that ship: what a surgeon signed is never held back by a default."""

from collections.abc import Iterator
from datetime import date, datetime, timedelta
from itertools import product

from patients.models import Site
from reminders.delivery.sending.frequency_caps import DAY, WEEK
from reminders.plan.load_protocol import spec_of
from reminders.plan.models import ProtocolVersion
from reminders.plan.reasons import Reason
from reminders.plan.schedule import lay_out
from reminders.plan.values import ProtocolSpec
from tests.plan.build import all_booked, facts_at

MOST_A_DAY, MOST_A_WEEK = 4, 11  # what docs/adr/0019 says
MONDAY = date(2026, 3, 2)
MAY_HAVE_GONE = {Reason.NONE, Reason.VISIT_SETTLED}  # an invitation may have gone before the visit was booked


def most_texts(spec: ProtocolSpec, site: Site) -> tuple[int, int]:
    """Within 24 hours and within 7 days, to a patient without e-mail, whatever the facts and the day of surgery."""
    counts = [(most(moments, DAY), most(moments, WEEK)) for moments in plans(spec, site)]
    return max(day for day, _ in counts), max(week for _, week in counts)


def plans(spec: ProtocolSpec, site: Site) -> Iterator[list[datetime]]:
    for weekday, therapy, job in product(range(7), ("ordered_early", "ordered", "declined"), ("desk", "physical")):
        day0 = MONDAY + timedelta(days=weekday)
        for part in ("first_day", "target_day", "last_day"):
            visits = all_booked(spec, site, day0, part)
            orders = {"physical_therapy": therapy, "job": job, "visits": visits}
            facts = facts_at(site, day0, channels=frozenset({"sms"}), **orders)
            yield [w.due_at for w in lay_out(spec, facts).reminders if w.channel == "sms" and w.held in MAY_HAVE_GONE]


def most(moments: list[datetime], span: timedelta) -> int:
    return max(sum(first <= other < first + span for other in moments) for first in moments)


def test_the_shipped_plans_stay_below_the_default_limits(site):
    for version in ProtocolVersion.objects.filter(protocol__site=site).select_related("protocol"):
        day, week = most_texts(spec_of(version), site)
        assert day <= MOST_A_DAY < site.texts_a_day, version.protocol.code
        assert week <= MOST_A_WEEK < site.texts_a_week, version.protocol.code
