from reminders.admin.messages import AlertAdmin, ReminderAdmin, ReplyAdmin
from reminders.admin.patients import PatientAdmin
from reminders.admin.phases import CheckUpAdmin, PhaseAdmin
from reminders.admin.procedures import ProcedureAdmin
from reminders.admin.protocols import ProtocolAdmin
from reminders.admin.sites import SiteAdmin
from reminders.admin.steps import StepAdmin
from reminders.admin.versions import ProtocolVersionAdmin

__all__ = [
    "AlertAdmin",
    "CheckUpAdmin",
    "PatientAdmin",
    "PhaseAdmin",
    "ProcedureAdmin",
    "ProtocolAdmin",
    "ProtocolVersionAdmin",
    "ReminderAdmin",
    "ReplyAdmin",
    "SiteAdmin",
    "StepAdmin",
]
