"""The last thing that happened to each patient on the board: a reply, a message, or what a colleague did."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from zoneinfo import ZoneInfo

from django.contrib.contenttypes.models import ContentType
from django.db.models import OuterRef, Subquery

from clinic.staff.board.date_format import when
from patients.models import AuditEntry, Contact, Patient, Surgery
from patients.models.contact import Relationship
from reminders.delivery.models import Delivery
from reminders.delivery.state import State
from reminders.replies.models import Intent, Reply, VisitAnswer

VISIT = "about_visit"  # which one a reply is about
ANSWERS = {
    Intent.YES: "will come",
    Intent.CANNOT_COME: "cannot come",
    Intent.NEW_TIME: "asked for a new time",
    Intent.CALL_ME: "asked for a call",
    Intent.STOP: "asked for no more texts",
}
WAYS = {
    State.DELIVERED: "delivered",
    State.ACCEPTED: "sent",
    State.SENT: "sent",
    State.UNCONFIRMED: "sent, not known whether it arrived",
    State.UNKNOWN: "sent, not known whether it arrived",
    State.UNDELIVERED_TEMP: "not delivered yet",
    State.UNDELIVERED_PERM: "not delivered",
    State.REJECTED: "refused",
}


@dataclass(frozen=True, slots=True)
class Happening:
    at: datetime
    words: str
    intent: str = ""  # of a reply
    visit: int | None = None  # which visit that reply is about, where it is about one

    def said(self, *, now: datetime, zone: ZoneInfo) -> str:
        return f"{self.words}, {when(self.at, now=now, zone=zone)}"


def last(surgeries: Iterable[Surgery]) -> dict[int, Happening]:
    """By surgery, in three queries however many there are."""
    by_pk = {surgery.pk: surgery for surgery in surgeries}
    replied = _replies({surgery.patient_id for surgery in by_pk.values()})
    written, done = _deliveries(by_pk), _actions(by_pk)
    story: dict[int, Happening] = {}
    for pk, surgery in by_pk.items():
        known = [h for h in (replied.get(surgery.patient_id), written.get(pk), done.get(pk)) if h]
        if known:
            story[pk] = max(known, key=lambda happening: happening.at)
    return story


def _replies(patients: Iterable[int]) -> dict[int, Happening]:
    latest = Reply.objects.filter(contact__patient=OuterRef("pk")).order_by("-received_at", "-pk").values("pk")[:1]
    pks = Patient.objects.filter(pk__in=patients).annotate(latest=Subquery(latest)).values("latest")
    about = VisitAnswer.objects.filter(reply=OuterRef("pk")).values("check_up")[:1]
    rows = Reply.objects.filter(pk__in=pks).select_related("contact").annotate(**{VISIT: Subquery(about)})
    return {c.patient_id: _happening(r, c) for r in rows if (c := r.contact)}


def _happening(reply: Reply, contact: Contact) -> Happening:
    return Happening(reply.received_at, _answer(reply, contact), reply.intent, getattr(reply, VISIT))


def _answer(reply: Reply, contact: Contact) -> str:
    words = ANSWERS.get(Intent(reply.intent), "wrote")
    return words if contact.relationship == Relationship.SELF else f"{contact.name or 'a caregiver'} {words}"


def _deliveries(surgeries: Iterable[int]) -> dict[int, Happening]:
    started = Delivery.objects.filter(reminder__surgery=OuterRef("pk"), state__in=list(WAYS), claimed_at__isnull=False)
    latest = started.order_by("-claimed_at", "-pk").values("pk")[:1]
    pks = Surgery.objects.filter(pk__in=list(surgeries)).annotate(latest=Subquery(latest)).values("latest")
    rows = Delivery.objects.filter(pk__in=pks).select_related("reminder")
    return {d.reminder.surgery_id: Happening(d.claimed_at, _way(d)) for d in rows if d.claimed_at}


def _way(delivery: Delivery) -> str:
    return f"{delivery.get_channel_display()} {WAYS[State(delivery.state)]}"


def _actions(surgeries: Iterable[int]) -> dict[int, Happening]:
    kind = ContentType.objects.get_for_model(Surgery)
    entries = AuditEntry.objects.filter(content_type=kind, object_id=OuterRef("pk"))
    latest = entries.order_by("-at", "-pk").values("pk")[:1]
    pks = Surgery.objects.filter(pk__in=list(surgeries)).annotate(latest=Subquery(latest)).values("latest")
    rows = AuditEntry.objects.filter(pk__in=pks).select_related("by")
    return {row.object_id: Happening(row.at, f"{row.verb} by {row.by}" if row.by else row.verb) for row in rows}
