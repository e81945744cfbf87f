from reminders.plan.models.careplan import CarePlan
from reminders.plan.models.protocol import DefaultProtocol, Protocol, ProtocolVersion
from reminders.plan.models.reminder import Reminder
from reminders.plan.models.step import CheckUpDefinition, Phase, Step, StepText

__all__ = [
    "CarePlan",
    "CheckUpDefinition",
    "DefaultProtocol",
    "Phase",
    "Protocol",
    "ProtocolVersion",
    "Reminder",
    "Step",
    "StepText",
]
