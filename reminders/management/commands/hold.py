"""`manage.py hold`: nothing leaves any more, until `reconcile` and `release`."""

from typing import Any

from django.core.management.base import BaseCommand, CommandParser

from patients import clock
from reminders.delivery.safeguards import freeze
from reminders.management.operator_time import moment


class Command(BaseCommand):
    help = "Stop all sending at once. Idempotent. Replies still come in, and STOP still counts."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("--why", required=True, help="Shown to staff, such as: restored from last night's back-up.")
        parser.add_argument(
            "--since",
            type=moment,
            help="Messages sent after this time may be unknown here, such as 2026-11-24T08:00Z. "
            "Default: since the scheduler's last round in this database.",
        )

    def handle(self, *args: Any, **options: Any) -> None:
        frozen = freeze.hold(options["why"], now=clock.now(), blind_from=options["since"])
        since = freeze.spoken(frozen.blind_from or frozen.since)
        self.stdout.write(f"Nothing is sent since {freeze.spoken(frozen.since)}: {frozen.why}")
        self.stdout.write(f"Next: manage.py reconcile --since {since}, then manage.py release.")
