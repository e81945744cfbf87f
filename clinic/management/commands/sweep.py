"""`manage.py sweep`: one round without broker or workers, for cron or a systemd timer. Doubles nothing."""

from collections import Counter
from collections.abc import Callable
from typing import Any

from django.core.management.base import BaseCommand, CommandError

from patients import clock
from reminders import scheduler, version_moves
from reminders.delivery import heartbeats
from reminders.delivery.reconcile import lookups
from reminders.delivery.safeguards import clock_skew, restore_mark
from reminders.replies import reconcile
from reminders.replies.alerts import escalation, notifications

WHAT_BEAT_RINGS: dict[str, Callable[[], Counter[str]]] = {
    "sent": lambda: scheduler.sweep_and_send(clock.now),
    "asked": lambda: lookups.seek(clock.now),
    "alerts": lambda: +Counter(told=notifications.tell(clock.now()), late=escalation.escalate(clock.now())),
    "heard": lambda: reconcile.hear(clock.now),
    "planned": lambda: +Counter(plans=scheduler.extend_horizon(clock.now())),
    "moved": lambda: version_moves.carry_on(clock.now),
}


class Command(BaseCommand):
    help = "Do what beat's tasks do, once, in this process. Safe while workers, or another sweep, are running."

    def handle(self, *args: Any, **options: Any) -> None:
        """A part that fails does not keep the next one from its work; the command then ends with that error."""
        if not clock_skew.agree():
            raise CommandError("This machine's clock and the database's are more than a minute apart: nothing is sent.")
        restore_mark.freeze_if_restored(clock.now())
        failed: list[Exception] = []
        for name, work in WHAT_BEAT_RINGS.items():
            try:
                tally = work()
            except Exception as error:
                failed.append(error)
                self.stderr.write(f"{name}: stopped by {type(error).__name__}")
            else:
                told = ", ".join(f"{count} {outcome}" for outcome, count in sorted(tally.items()))
                self.stdout.write(f"{name}: {told or 'nothing due'}")
        if failed:
            raise failed[0]
        heartbeats.beat(heartbeats.TIMER, now := clock.now())
        restore_mark.count_round(now)
