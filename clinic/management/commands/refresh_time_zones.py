"""Lays plans out again that were computed with older time zones. docs/deploy.md, "Time zones", explains."""

from argparse import ArgumentParser
from typing import Any

from django.core.management.base import BaseCommand, CommandError
from tqdm import tqdm

from patients import clock, time_zones
from reminders import scheduler
from reminders.plan import zone_refresh


class Command(BaseCommand):
    help = (
        "After an upgrade of the time zones: lay out again what was not sent, and keep booked visits on their hour. "
        "Beat does the same within the hour. If it was interrupted, start it again."
    )

    def add_arguments(self, parser: ArgumentParser) -> None:
        batch = scheduler.AT_ONCE
        parser.add_argument("--batch", type=int, default=batch, help=f"Operations in one transaction ({batch}).")

    def handle(self, *_args: object, **options: Any) -> None:
        waiting = zone_refresh.number(clock.now())
        try:
            with tqdm(total=waiting, unit=" plans", file=self.stderr) as bar:
                done = scheduler.refresh_zones(clock.now, batch=max(options["batch"], 1), each=bar.update)
        except KeyboardInterrupt:
            raise CommandError("Stopped. Run the same command again for the rest.", returncode=130) from None
        self.stdout.write(f"{done} of {waiting} plans are laid out by the time zones of {time_zones.release()}.")
        if left := zone_refresh.number(clock.now()):
            raise CommandError(f"{left} plans could not be laid out: each has an alarm on the page System status.")
