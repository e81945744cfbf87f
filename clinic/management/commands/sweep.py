"""`manage.py sweep`: one round without broker or workers, for cron or a systemd timer. Doubles nothing."""

from typing import Any

from django.core.management.base import BaseCommand, CommandError

from patients import clock
from reminders import sweeping
from reminders.delivery import clocks, heartbeats, mark, seeking
from reminders.replies import reconcile


class Command(BaseCommand):
    help = "Send what is due now, in this process. Safe beside running workers and beside itself."

    def handle(self, *args: Any, **options: Any) -> None:
        if not clocks.agree():
            raise CommandError("This machine's clock and the database's are more than a minute apart: nothing is sent.")
        mark.freeze_if_restored(clock.now())
        tally = sweeping.sweep_and_send(clock.now) + seeking.seek(clock.now) + reconcile.hear(clock.now)
        heartbeats.beat(heartbeats.TIMER, now := clock.now())
        mark.leave(now)
        self.stdout.write(", ".join(f"{count} {outcome}" for outcome, count in sorted(tally.items())) or "nothing due")
