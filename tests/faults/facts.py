"""What there is to judge: read from the tables of the run, the ledger, and what the provider knows."""

from collections import Counter
from collections.abc import Callable, Collection, Iterable
from dataclasses import replace
from datetime import datetime
from functools import partial
from time import monotonic, sleep
from typing import Any, TypeVar
from urllib.parse import urlsplit

from django.db import Error, close_old_connections, connection

from patients import clock
from patients.models import Contact, Site
from reminders.delivery.models import Attempt, Delivery, Transition
from reminders.delivery.sending.claiming import mail_id
from reminders.plan.models import Reminder
from reminders.replies.models import Reply
from reminders.replies.models.alert import Cause
from tests.faults.findings import Delivered, LedgerRequest, Mailed, Promised, ReceivedText, RunFacts, Tried
from tests.faults.judge import moment
from tests.faults.provider import FaultProvider, Line
from tests.waiting import HUNG

Answer = TypeVar("Answer")


def steady(ask: Callable[[], Answer]) -> Answer:
    """The one who watches outlives the database he watches."""
    deadline = monotonic() + HUNG
    while True:
        try:
            close_old_connections()
            return ask()
        except Error:
            connection.close()
            if monotonic() > deadline:
                raise
            sleep(0.1)


def collect(
    provider: FaultProvider,
    *,
    reminders: Collection[int] | None = None,
    lagging: bool = False,
    mails: Iterable[Line] = (),
) -> RunFacts:
    """Of these reminders, or of all that the run has made. `mails`: the mail server's ledger."""
    found = steady(partial(_collect, provider, reminders, lagging))
    return replace(found, mails=tuple(map(_mailed, mails)))


def _collect(provider: FaultProvider, reminders: Collection[int] | None, lagging: bool) -> RunFacts:
    now, truth, owners = clock.now(), provider.truth(), _owners()
    rows = (
        Reminder.objects.exclude(status="skipped") if reminders is None else Reminder.objects.filter(pk__in=reminders)
    )
    deliveries = _deliveries(rows)
    promises = tuple(
        Promised(row.pk, row.status, row.due_at, row.useful_until, tuple(deliveries.get(row.pk, []))) for row in rows
    )
    ledger = tuple(_asked(line, truth, owners) for line in provider.ledger())
    if reminders is not None:  # and what is nobody's
        own = {attempt.id for many in deliveries.values() for delivery in many for attempt in delivery.attempts}
        others = {str(pk) for pk in Attempt.objects.values_list("pk", flat=True)} - own
        ledger = tuple(line for line in ledger if line.attempt not in others)
    stored = _commits("SELECT provider_id, pg_xact_commit_timestamp(xmin) FROM reminders_reply")
    heard = tuple(_heard(line, stored.get(line["sid"])) for line in provider.heard())
    return RunFacts(now, ledger, promises, heard, lagging=lagging)


def _commits(statement: str) -> dict[Any, datetime]:
    """When the transactions committed that wrote these rows. Of two, the later one has seen what the other wrote."""
    with connection.cursor() as cursor:
        cursor.execute(statement)
        return dict(cursor.fetchall())


CLAIMS = """SELECT delivery_id || '/' || attempt, pg_xact_commit_timestamp(xmin)
    FROM reminders_transition WHERE state = 'claimed'"""
NOES = """SELECT email, min(pg_xact_commit_timestamp(event.xmin))
    FROM patients_consentevent event JOIN patients_contact contact ON contact.id = contact_id
    WHERE kind = 'withdrawn' AND email <> '' GROUP BY email"""


MERGES = "SELECT id, pg_xact_commit_timestamp(xmin) FROM patients_patient WHERE merged_at IS NOT NULL"


def claims() -> dict[str, datetime]:
    """When each claim committed, by delivery and number of its attempt."""
    return _commits(CLAIMS)


def merges() -> dict[int, datetime]:
    """When each merge committed, by the patient whose number went."""
    return _commits(MERGES)


def said_no() -> dict[str, datetime]:
    """When an address was first written down as one that wants no more mail."""
    return _commits(NOES)


def _mailed(line: Line) -> Mailed:
    name = line["Message-ID"].strip("<>")
    return Mailed(name, name.partition("@")[0], moment(line["time"]), line["to"], line["taken"], line["mode"])


def _owners() -> dict[str, str]:
    """The attempt of a request, by its own id, or by its message's, by which a restored database knows it."""
    own = {str(pk): str(pk) for pk in Attempt.objects.values_list("pk", flat=True)}
    known = Attempt.objects.exclude(provider_id="").values_list("provider_id", "pk")
    return {sid: str(pk) for sid, pk in known} | own


def _asked(line: Line, truth: dict[str, Line], owners: dict[str, str]) -> LedgerRequest:
    message, attempt = truth.get(line["sid"], {}), attempt_of(line)
    return LedgerRequest(
        attempt=owners.get(attempt) or owners.get(line["sid"], attempt),
        at=moment(line["time"]),
        to=line["To"],
        sender=line["From"],
        sid=line["sid"],
        ends=message.get("status", ""),
        code=message.get("error_code") or 0,
        behaviour=line["behaviour"],
        pid=line.get("pid", 0),
    )


def attempt_of(line: Line) -> str:
    """The attempt's id rides in the callback's address."""
    return urlsplit(line["StatusCallback"]).path.rstrip("/").rpartition("/")[2]


def _deliveries(rows) -> dict[int, list[Delivered]]:
    attempts: dict[int, list[Tried]] = {}
    claims = _commits(CLAIMS)
    for attempt in Attempt.objects.filter(delivery__reminder__in=rows).order_by("number"):
        committed = claims.get(f"{attempt.delivery_id}/{attempt.number}")
        tried = Tried(str(attempt.pk), attempt.started_at, attempt.provider_id, committed)
        attempts.setdefault(attempt.delivery_id, []).append(tried)
    story: dict[int, list[str]] = {}
    for delivery, state in Transition.objects.order_by("pk").values_list("delivery", "state"):
        story.setdefault(delivery, []).append(state)
    senders = {site.pk: site.senders.get(channel="sms").address for site in Site.objects.all()}
    addresses = dict(Contact.objects.exclude(email="").values_list("patient", "email"))
    found: dict[int, list[Delivered]] = {}
    related = ["contact", "reminder__surgery__patient", "site"]
    for row in Delivery.objects.filter(reminder__in=rows).select_related(*related):
        fact = Delivered(
            id=row.pk,
            phone=row.contact.address,
            sender=senders[row.site_id],
            state=row.state,
            not_before=row.not_before,
            useful_until=row.useful_until,
            zone=str(row.reminder.surgery.patient.zone),
            opens=row.site.send_from,
            closes=row.site.send_until,
            reason=row.reason,
            attempts=tuple(attempts.get(row.pk, [])),
            after_unknown=row.after_unknown,
            story=tuple(story.get(row.pk, [])),
            channel=row.channel,
            mail=addresses.get(row.reminder.surgery.patient_id, ""),
            mail_id=mail_id(row.pk) if row.channel == "email" else "",
            is_fallback=row.is_fallback,
        )
        found.setdefault(row.reminder_id, []).append(fact)
    return found


def _heard(line: Line, stored: datetime | None) -> ReceivedText:
    kept = list(Reply.objects.filter(provider_id=line["sid"]))
    writer = Contact.objects.filter(phone=line["From"], site__senders__address=line["To"], site__stop_covers_all=True)
    covered = Contact.objects.filter(patient__in=writer.values("patient")).exclude(email="")
    reachable = Contact.objects.reachable().filter(phone=line["From"], site__senders__address=line["To"])
    return ReceivedText(
        sid=line["sid"],
        phone=line["From"],
        sender=line["To"],
        text=line["Body"],
        answered=moment(line["ended"]) if 200 <= line["status"] < 300 else None,
        kept=len(kept),
        stored=stored,
        may_be_written_to=reachable.exists(),
        covers=tuple(covered.values_list("email", flat=True)),
        alerts=Cause.objects.filter(reply__in=kept).count(),
    )


def end_states(facts: RunFacts) -> Counter[str]:
    return Counter(delivery.state for _, delivery in facts.deliveries())
