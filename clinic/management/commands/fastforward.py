"""`manage.py fastforward --days N`: play the coming days, see what goes out, leave the demo's clock there."""

from argparse import ArgumentParser
from collections import Counter
from datetime import datetime, timedelta
from typing import Any

from django.conf import settings
from django.core.management.base import BaseCommand, CommandError
from django.utils import timezone
from tqdm import tqdm

from clinic.fastforward import asked_to_stop, play
from patients import clock


class Command(BaseCommand):
    help = "Play the coming days through the same code that runs every day. Demo only; may be stopped and repeated."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("--days", type=int, required=True, help="How many days to play, 1 to 1000.")

    def handle(self, *args: Any, **options: Any) -> None:
        days = options["days"]
        if not settings.DEMO or settings.MESSAGES != "outbox":
            raise CommandError("Time can only be moved in a demo whose messages stay in the outbox: DEMO=1.")
        if not 1 <= days <= 1000:
            raise CommandError("Give --days a number from 1 to 1000.")
        start = clock.now()
        totals = self._play(start, start + timedelta(days=days))
        played = (clock.now() - start) // timedelta(days=1)
        sent = ", ".join(f"{count} {outcome}" for outcome, count in sorted(totals.items())) or "nothing was due"
        stopped = "" if played >= days else f" of {days}"
        self.stdout.write(f"{played}{stopped} days played, it is now {clock.now():%A %d %B %Y, %H:%M} UTC: {sent}.")

    def _play(self, start: datetime, until: datetime) -> Counter[str]:
        totals: Counter[str] = Counter()
        days = (until - start).days
        with tqdm(total=days, desc="Playing", unit=" days", disable=None) as bar, asked_to_stop() as asked:
            for moment in play(start, until):
                totals += moment.outcomes
                clock.set_shift(moment.now - timezone.now())  # so that a stop here loses nothing
                bar.update((moment.now - start).days - bar.n)
                bar.set_postfix_str(f"{sum(totals.values())} sent")
                if asked.is_set():
                    break
        return totals
