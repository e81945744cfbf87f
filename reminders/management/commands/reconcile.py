"""`manage.py reconcile`: learn from the provider what left and came in since a back-up was made."""

import sys
from collections import Counter
from collections.abc import Iterator, Sequence
from datetime import datetime
from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser
from tqdm import tqdm

from patients import clock
from reminders.delivery import alarms
from reminders.delivery.matching import Sighting
from reminders.delivery.reconcile import after_restore, mail_after_restore
from reminders.delivery.reconcile.after_restore import ListRequest
from reminders.delivery.safeguards import freeze
from reminders.management.operator_time import moment
from reminders.replies import reconcile

LISTS_AT_ONCE = 50
SHOWN = 20  # unmatched messages printed by their ids


class Command(BaseCommand):
    help = "After a restore, while sending is held: ask the provider for opt-outs, then for what was sent. Idempotent."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("--since", type=moment, help="When the back-up was made, such as 2026-11-24T08:00Z.")
        parser.add_argument(
            "--mail-again",
            action="store_true",
            help="Send e-mails that were due meanwhile, perhaps twice. Default: reception calls.",
        )
        parser.add_argument("--release", action="store_true", help="End the hold if this run leaves nothing open.")

    def handle(self, *args: Any, **options: Any) -> None:
        frozen = freeze.current()
        if frozen is None:
            raise CommandError("Nothing is held, so messages are still being sent. First run: manage.py hold --why …")
        since = options["since"] or frozen.blind_from or frozen.since
        self._hear(since)
        self._learn(self._listed(since))
        if not options["mail_again"]:
            number = mail_after_restore.set_aside(frozen.since, now=clock.now())
            self.stdout.write(f"E-mails that may have been sent, so reception should call instead: {number}.")
        freeze.note_reconciled(since, now=clock.now())
        if options["release"]:
            self._release()

    def _hear(self, since: datetime) -> None:
        """Who opted out meanwhile: before anything else."""
        tally = reconcile.hear(clock.now, since=since)
        self.stdout.write(f"Texts that came in: {tally['stored']} were missing and are stored.")
        if tally["not asked"] or tally["failed"]:
            raise CommandError("Some of them could not be fetched. Look at the log and run this again.")

    def _listed(self, since: datetime) -> list[Sighting]:
        found: dict[str, Sighting] = {}
        wanted = after_restore.wanted(since, clock.now())
        for some in self._shown(list(_parts(wanted)), "Asking"):
            listed = after_restore.ask(some, since)
            if listed is None:
                raise CommandError("The provider could not be asked for every list. Look at the log; run this again.")
            found |= {one.sid: one for one in listed}
        return sorted(found.values(), key=after_restore.moment_of)

    def _learn(self, listed: list[Sighting]) -> None:
        tally: Counter[str] = Counter()
        unmatched: list[Sighting] = []
        for one in self._shown(listed, "Learning"):
            word = after_restore.learn(one, clock.now())
            tally[word] += 1
            unmatched += [one] if word == "unmatched" else []
        words = ", ".join(f"{number} {word}" for word, number in sorted(tally.items()))
        self.stdout.write(f"Texts that were sent: {words or 'none'}.")
        self._tell(unmatched)

    def _tell(self, unmatched: list[Sighting]) -> None:
        if not unmatched:
            return
        for one in unmatched[:SHOWN]:
            self.stdout.write(f"  {one.sid} of {one.created_at:%Y-%m-%d %H:%M} UTC belongs to no reminder here.")
        detail = f"{len(unmatched)} texts were sent that belong to no reminder here. manage.py reconcile lists them."
        alarms.sound(after_restore.UNMATCHED, now=clock.now(), detail=detail)

    def _release(self) -> None:
        try:
            freeze.release(now=clock.now())
        except freeze.StillBlind as blind:
            raise CommandError(str(blind)) from None
        self.stdout.write("Messages are being sent again.")

    def _shown(self, items: Sequence[Any], label: str) -> Iterator[Any]:
        """A bar on a terminal, nothing in a log."""
        return iter(tqdm(items, desc=label, file=sys.stderr, disable=not sys.stderr.isatty()))


def _parts(wanted: Sequence[ListRequest]) -> Iterator[Sequence[ListRequest]]:
    for start in range(0, len(wanted), LISTS_AT_ONCE):
        yield wanted[start : start + LISTS_AT_ONCE]
