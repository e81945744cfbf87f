"""`manage.py sweep`: one round without broker or workers, for cron or a systemd timer. Doubles nothing."""

from typing import Any

from django.core.management.base import BaseCommand

from patients import clock
from reminders import sweeping
from reminders.delivery import heartbeats, mark, seeking
from reminders.replies import reconcile


class Command(BaseCommand):
    help = "Send what is due now, in this process. Safe beside running workers and beside itself."

    def handle(self, *args: Any, **options: Any) -> None:
        mark.freeze_if_restored(clock.now())
        tally = sweeping.sweep_and_send(clock.now) + seeking.seek(clock.now) + reconcile.hear(clock.now)
        heartbeats.beat(heartbeats.TIMER, now := clock.now())
        mark.leave(now)
        self.stdout.write(", ".join(f"{count} {outcome}" for outcome, count in sorted(tally.items())) or "nothing due")
