"""Hands the three rooms' models to Django."""

from reminders.delivery.models import (
    Alarm,
    Attempt,
    Breaker,
    Delivery,
    Freeze,
    Heartbeat,
    Report,
    Sender,
    Transition,
)
from reminders.plan.models import (
    CarePlan,
    CheckUpDefinition,
    DefaultProtocol,
    Phase,
    Protocol,
    ProtocolVersion,
    Reminder,
    Step,
    StepText,
)
from reminders.replies.models import Reply

__all__ = [
    "Alarm",
    "Attempt",
    "Breaker",
    "CarePlan",
    "CheckUpDefinition",
    "DefaultProtocol",
    "Delivery",
    "Freeze",
    "Heartbeat",
    "Phase",
    "Protocol",
    "ProtocolVersion",
    "Reminder",
    "Reply",
    "Report",
    "Sender",
    "Step",
    "StepText",
    "Transition",
]
