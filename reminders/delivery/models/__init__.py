"""Deliveries and their evidence; senders; breakers, the freeze, alarms and heartbeats."""

from reminders.delivery.models.delivery import Delivery, Priority
from reminders.delivery.models.ended_notice import EndedNotice
from reminders.delivery.models.evidence import Attempt, Report, Transition
from reminders.delivery.models.monitoring import Alarm, Breaker, Freeze, Heartbeat, Notice, ProviderClock, RoundCounter
from reminders.delivery.models.numbers import HeldRange, SaidBack
from reminders.delivery.models.sender import Sender

__all__ = [
    "Alarm",
    "Attempt",
    "Breaker",
    "Delivery",
    "EndedNotice",
    "Freeze",
    "Heartbeat",
    "HeldRange",
    "Notice",
    "Priority",
    "ProviderClock",
    "Report",
    "RoundCounter",
    "SaidBack",
    "Sender",
    "Transition",
]
