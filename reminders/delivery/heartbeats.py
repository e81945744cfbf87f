"""Heartbeats: each part of the system records when it last ran."""

from datetime import datetime

from reminders.delivery.models import Heartbeat

SWEEP = "sweep"  # beat's ring
TIMER = "timer"  # `manage.py sweep`, by cron or systemd
SEEK = "seek"  # asks what became of messages without an answer or a callback
HEAR = "hear"  # fetches texts that no webhook brought
SENDERS = {"sms": "send", "email": "mail"}  # by channel: the task that sends on it


def beat(name: str, now: datetime) -> None:
    """One statement, so that any number of processes may write the same row at once."""
    Heartbeat.objects.bulk_create(
        [Heartbeat(name=name, at=now)], update_conflicts=True, unique_fields=["name"], update_fields=["at"]
    )


def last() -> dict[str, datetime]:
    """The last run of each part, by name. A part that never ran is missing."""
    return dict(Heartbeat.objects.values_list("name", "at"))


def last_round() -> datetime | None:
    """The scheduler's last round, whoever started it."""
    known = last()
    return max((known[name] for name in (SWEEP, TIMER) if name in known), default=None)
