"""After the faults: everything is made whole, time passes where somebody only waits, and the run comes to rest."""

from collections.abc import Callable
from datetime import timedelta
from time import monotonic, sleep

from django.db.models import Q

from patients import clock
from reminders.delivery.models import Breaker, Delivery, Transition
from reminders.replies.models import Reply
from tests.faults.facts import steady
from tests.faults.stage import Stage

WAITING_LONG = ["try_again", "temporary", "breaker"]
STUCK = 240.0  # seconds; the longest wait in a run, of a breaker, is 54


def let_time_pass() -> None:
    """The polls, the second tries and the probes that are minutes or hours away come now; quiet hours stay."""
    steady(_let_time_pass)


def _let_time_pass() -> None:
    now = clock.now()
    Delivery.objects.filter(state__in=["accepted", "sent"], look_at__gt=now).update(look_at=now)
    later = Q(state="undelivered_temp") | Q(state="queued", reason__in=WAITING_LONG)
    Delivery.objects.filter(later, not_before__gt=now).update(not_before=now)
    Breaker.objects.filter(closed_at=None, probe_at__gt=now).update(probe_at=now)


def make_whole(stage: Stage) -> None:
    stage.provider.wish(door="open", behaviour="ok", reads="ok", latency=0, list_delay=0, clock=0)
    stage.mail.behave("ok")
    stage.servers.ask("ALTER SYSTEM RESET ALL")
    stage.servers.ask("SELECT pg_reload_conf()")
    for program in stage.machine.programs:
        program.revive()


def rest(stage: Stage, over: Callable[[], bool]) -> float | None:
    """Seconds until all was over. None: it was not, and nothing has moved for longer than the program ever waits."""
    began = moved = monotonic()
    seen = _traces(stage)
    while not over():
        let_time_pass()
        sleep(1)
        if seen != (seen := _traces(stage)):
            moved = monotonic()
        if monotonic() - moved > STUCK:
            return None
    return monotonic() - began


def _traces(stage: Stage) -> tuple[int, ...]:
    """What only grows, and does while anything happens."""
    kept = steady(lambda: (Transition.objects.count(), Reply.objects.count()))
    return (*kept, len(stage.provider.ledger()), len(stage.mail.ledger()))


MINUTE = timedelta(minutes=1)
