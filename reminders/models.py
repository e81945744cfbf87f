"""Hands the three rooms' models to Django."""

from reminders.delivery.models import Attempt, Delivery, Report, Sender
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
    "Attempt",
    "CarePlan",
    "CheckUpDefinition",
    "DefaultProtocol",
    "Delivery",
    "Phase",
    "Protocol",
    "ProtocolVersion",
    "Reminder",
    "Reply",
    "Report",
    "Sender",
    "Step",
    "StepText",
]
