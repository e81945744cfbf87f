"""`manage.py find_message`: where one message stands, by the provider's id, our attempt's id, or a phone number."""

from contextlib import suppress
from datetime import datetime
from typing import Any
from uuid import UUID

from django.core.management.base import BaseCommand, CommandError, CommandParser
from django.db.models import Q, QuerySet
from django.urls import reverse

from reminders.delivery import timeline
from reminders.delivery.models import Delivery, Report
from reminders.replies.models import Reply

NEWEST = 20


class Command(BaseCommand):
    help = "Print the history of a message: times, states, codes and ids. No name and no text."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("what", help="SM… of the provider, the attempt's id, or a number such as +12025550100.")

    def handle(self, *args: Any, **options: Any) -> None:
        what = str(options["what"]).replace(" ", "")
        deliveries = list(_deliveries(what).select_related("reminder__surgery__patient__site", "site")[:NEWEST])
        replies = list(Reply.objects.filter(Q(provider_id=what) | Q(from_address=what))[:NEWEST])
        orphans = Report.objects.filter(provider_id=what, attempt=None)
        if not deliveries and not replies and not orphans:
            raise CommandError("Nothing here has this id or number. A number is written like +12025550100.")
        for delivery in deliveries:
            self._tell(delivery)
        for reply in replies:
            self.stdout.write(f"Came in: reply {reply.pk}, {_utc(reply.received_at)}, {reply.intent}: {reply.effect}")
        for report in orphans:
            self.stdout.write(f"A report of {_utc(report.received_at)} that belongs to no attempt: {report.status}")

    def _tell(self, delivery: Delivery) -> None:
        record = reverse("staff:record", args=[delivery.reminder.surgery_id])
        self.stdout.write(f"{delivery.site}: delivery {delivery.pk}, {delivery.channel}, {delivery.state}, {record}")
        for attempt in delivery.attempts.order_by("number"):
            code = f", code {attempt.code}" if attempt.code else ""
            ids = f"{attempt.pk}, {attempt.provider_id or 'no id of the provider'}"
            began = _utc(attempt.started_at)
            self.stdout.write(f"  try {attempt.number}, {began}: {attempt.outcome or 'out'}{code}, {ids}")
        for entry in timeline.story(delivery.reminder, zone=delivery.reminder.surgery.patient.zone):
            self.stdout.write(f"  {_utc(entry.at)}: {entry.sentence}")


def _deliveries(what: str) -> QuerySet[Delivery]:
    """Newest first."""
    found = Q(attempts__provider_id=what) | Q(contact__phone=what) if what else Q(pk=None)
    with suppress(ValueError):
        found |= Q(attempts=UUID(what))
    return Delivery.objects.filter(found).distinct().order_by("-pk")


def _utc(moment: datetime) -> str:
    return f"{moment:%Y-%m-%d %H:%M:%S} UTC"
