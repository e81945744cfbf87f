"""`manage.py demo`: make the demo clinic if there is none; print how to sign in."""

from typing import Any

from django.conf import settings
from django.core.management.base import BaseCommand, CommandError
from django.db import transaction
from tqdm import tqdm

from clinic.demo import build
from clinic.demo.people import PASSWORD, RECEPTION, SURGEONS
from patients import clock


class Command(BaseCommand):
    help = "Make a demo clinic with invented people in every phase. Needs DEMO=1; a second call changes nothing."

    def handle(self, *args: Any, **options: Any) -> None:
        if not settings.DEMO or settings.MESSAGES != "outbox":
            raise CommandError("The demo's passwords are public: it needs DEMO=1 and MESSAGES=outbox.")
        if not build.exists():
            self._make()
        people = ", ".join(name for name, _, _ in SURGEONS)
        self.stdout.write(f"Sign in as a surgeon ({people}) or at reception ({RECEPTION[0]}); password: {PASSWORD}")

    @transaction.atomic
    def _make(self) -> None:
        """All or nothing: a demo that was stopped half-way begins anew."""
        with tqdm(desc="Playing 120 days of a clinic", unit=" days", total=build.HISTORY.days, disable=None) as bar:
            for played, _ in build.make(clock.now()):
                bar.update(played - bar.n)
