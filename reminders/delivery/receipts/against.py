"""Evidence against an end: a failure is reported of a message that ended otherwise (T19). Kept, counted, no more."""

from datetime import datetime

from reminders.delivery import alarms
from reminders.delivery.models import Attempt, Delivery, Report
from reminders.delivery.receipts.apply import heard_of
from reminders.delivery.state import OPEN, DeliveryStanding, Finding, derive

SPENT = 99  # tries: a failure that may pass is compared by where it would have ended


def is_against(report: Report, attempt: Attempt, delivery: Delivery, after: DeliveryStanding) -> bool:
    """`after`: where all evidence puts it, for a delivery that was still open when the report came."""
    ended, code = (delivery.state, delivery.code) if delivery.state not in OPEN else (after.state, after.code)
    told = derive([heard_of(attempt, [(report.status, report.code)])], tried=SPENT)
    if ended in OPEN or not Finding.FOR_NOW <= told.finding < Finding.ARRIVED:
        return False  # what is late, weaker or in doubt contradicts nothing; what arrived is believed (T11)
    return told.state != ended or (0 not in (told.code, code) and told.code != code)


def count(report: Report, delivery: Delivery, *, now: datetime) -> None:
    """For the figures, and for whoever should ask the provider why it says both."""
    same = {"attempt_ref": report.attempt_ref, "source": report.source, "provider_id": report.provider_id}
    Report.objects.filter(**same, status=report.status).update(is_against=True)
    detail = f"Code {report.code}." if report.code else ""
    alarms.sound(
        "late_report", subject=f"{report.code or report.status}", detail=detail, site=delivery.site_id, now=now
    )
