"""Check-ups follow the plan until they are booked; from then on people decide."""

from datetime import date

from patients.models import CheckUp, Surgery
from patients.models.checkup import CheckUpState
from reminders.plan.facts import facts_of
from reminders.plan.models import ProtocolVersion
from reminders.plan.rewriting import rewrite
from reminders.plan.schedule import lay_out
from reminders.plan.values import ProtocolSpec, WantedVisit

UNSETTLED = [CheckUpState.DUE, CheckUpState.BOOKED, CheckUpState.CONFIRMED, CheckUpState.MISSED]
WINDOW = ["window_opens", "target_day", "window_closes", "title"]


def sync_visits(surgery: Surgery, version: ProtocolVersion, spec: ProtocolSpec, *, until: date) -> None:
    """Windows move with the plan; a booked time stays; what was never booked and is not wanted any more goes."""
    wanted = lay_out(spec, facts_of(surgery, until=until)).visits
    titles = {definition.code: str(definition) for definition in version.check_ups.all()}
    rows = {(row.code, row.occurrence): row for row in surgery.check_ups.all()}
    added = [
        CheckUp(site_id=surgery.site_id, surgery=surgery, code=visit.code, occurrence=visit.occurrence)
        for visit in wanted
        if (visit.code, visit.occurrence) not in rows
    ]
    rows |= {(row.code, row.occurrence): row for row in added}
    for visit in wanted:
        _shape(rows[visit.code, visit.occurrence], visit, titles[visit.code])
    CheckUp.objects.bulk_create(added)
    rewrite([row for row in rows.values() if row not in added], WINDOW)
    keep = {(visit.code, visit.occurrence) for visit in wanted}
    gone = [r.pk for k, r in rows.items() if k not in keep and r.state == CheckUpState.DUE and not r.bookings]
    CheckUp.objects.filter(pk__in=gone).delete()


def _shape(row: CheckUp, visit: WantedVisit, title: str) -> None:
    row.window_opens, row.target_day, row.window_closes = visit.opens, visit.target, visit.closes
    row.title = title


def cancel_visits(surgery: Surgery) -> None:
    """What was never booked goes, and comes back with the plan; what people booked is kept as cancelled."""
    surgery.check_ups.filter(state=CheckUpState.DUE, bookings=0).delete()
    surgery.check_ups.filter(state__in=UNSETTLED).update(state=CheckUpState.CANCELLED)
