"""`manage.py demo`: make the demo clinic if there is none; print how to sign in."""

import sys
from typing import Any

from django.conf import settings
from django.core.management.base import BaseCommand, CommandError
from django.db import transaction

from clinic.demo import build
from clinic.demo.people import SIGN_IN
from clinic.fastforward import asked_to_stop
from clinic.progress import Progress
from patients import clock


class Command(BaseCommand):
    help = "Make a demo clinic with invented patients in every phase. Needs DEMO=1. Running it again changes nothing."

    def handle(self, *args: Any, **options: Any) -> None:
        make_once()
        self.stdout.write(SIGN_IN)


def make_once() -> None:
    """Raises CommandError where real patients may be, and KeyboardInterrupt when stopped: then there is no demo."""
    if not settings.DEMO or settings.MESSAGES != "outbox":
        raise CommandError("The demo's passwords are public: it needs DEMO=1 and MESSAGES=outbox.")
    if not build.exists():
        _make()


@transaction.atomic
def _make() -> None:
    """One transaction: a demo that was stopped half-way is not there, and the next run makes it anew."""
    days = build.HISTORY.days
    with Progress(f"Playing {days} days of a clinic", days, "days", sys.stderr) as progress, asked_to_stop() as asked:
        for played, _ in build.make(clock.now()):
            progress.at(played)
            if asked.is_set():
                raise KeyboardInterrupt
