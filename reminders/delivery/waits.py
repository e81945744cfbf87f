"""All waiting times in one table, so that a fault run can shorten them (WAITS_SCALE)."""

from datetime import timedelta

from django.conf import settings

SCALE = settings.WAITS_SCALE
FASTEST_CALL = 0.1


def scaled(**duration: float) -> timedelta:
    """A duration as `timedelta` takes it, times WAITS_SCALE."""
    return timedelta(**duration) * SCALE


def of_a_call(**duration: float) -> timedelta:
    """What one process does by itself: played no faster than a busy machine can follow."""
    return timedelta(**duration) * max(SCALE, FASTEST_CALL)


CONNECT = of_a_call(seconds=5)  # until the provider's line stands
READ = of_a_call(seconds=15)  # between two pieces of its answer
ANSWER = of_a_call(seconds=20)  # the whole call; below the lease by far
OFFER = of_a_call(seconds=10)  # a mail server, until it asks for the message: nothing has left by then
LEASE = scaled(seconds=120)  # a claim's; below the broker's visibility time-out
FRESH = of_a_call(seconds=10)  # from claim to call: STOP and the window were looked at when it was claimed
FIRST_LOOK = scaled(minutes=2)  # from `unknown` to the first look into the provider's list
BETWEEN_LOOKS = scaled(minutes=2)
PROVEN_ABSENT = scaled(minutes=10)  # a list shows a message late: an empty one proves nothing before
FIRST_POLL = scaled(hours=1)  # a callback that has not come by then is asked for
POLL_EVERY, LONGEST_POLL = scaled(minutes=5), scaled(hours=6)  # and again, more and more slowly
WORD_AWAITED = scaled(hours=72)  # the carrier's last word
FIRST_BACKOFF, LONGEST_BACKOFF = scaled(seconds=30), scaled(minutes=15)  # after a call that was not processed
FIRST_PROBE, LONGEST_PROBE = scaled(minutes=2), scaled(minutes=30)  # of an open breaker
SLOW = scaled(seconds=15)  # a sender rests so long when the provider says that it writes too fast
TROUBLE = scaled(minutes=1)  # so long a provider may take nothing before its breaker opens
HEAR_AGAIN = scaled(minutes=30)  # texts that came in are listed late: each round overlaps the one before by so much
WEBHOOK_AWAITED = scaled(minutes=1)  # what came in a moment ago may still reach us by itself
ORPHAN_PATIENCE = scaled(minutes=5)  # a callback may know an attempt before we can see it
