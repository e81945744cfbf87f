from reminders.plan.models.call import CallAttempt, CallListOutcome
from reminders.plan.models.careplan import CarePlan
from reminders.plan.models.change import PlanChange, VersionMove
from reminders.plan.models.pace import PaceProposal, PaceRule
from reminders.plan.models.protocol import DefaultProtocol, Protocol, ProtocolVersion
from reminders.plan.models.reminder import Reminder
from reminders.plan.models.step import CheckUpDefinition, Phase, Step, StepText
from reminders.plan.models.visit_change import VisitTimeChange

__all__ = [
    "CallAttempt",
    "CallListOutcome",
    "CarePlan",
    "CheckUpDefinition",
    "DefaultProtocol",
    "PaceProposal",
    "PaceRule",
    "Phase",
    "PlanChange",
    "Protocol",
    "ProtocolVersion",
    "Reminder",
    "Step",
    "StepText",
    "VersionMove",
    "VisitTimeChange",
]
