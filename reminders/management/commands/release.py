"""`manage.py release`: messages may leave again."""

from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser

from patients import clock
from reminders.delivery.safeguards import freeze


class Command(BaseCommand):
    help = "End the hold. Refused until reconcile has asked the provider about all the time that is missing here."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("--force", action="store_true", help="Texts may be sent twice and STOPs missed.")

    def handle(self, *args: Any, **options: Any) -> None:
        try:
            ended = freeze.release(now=clock.now(), force=options["force"])
        except freeze.StillBlind as blind:
            raise CommandError(f"{blind} (Or --force: texts may then be sent twice and STOPs missed.)") from None
        self.stdout.write("Messages are being sent again." if ended else "Nothing was held.")
