from patients.models.audit import AuditEntry
from patients.models.calendar_feed import CalendarFeed
from patients.models.checkup import CheckUp
from patients.models.column_mapping import ColumnMapping
from patients.models.contact import ConsentEvent, Contact
from patients.models.import_run import ImportedRows, ImportRun
from patients.models.patient import Patient
from patients.models.search import PatientWord, SearchWord
from patients.models.site import ClosedDay, OpenHoliday, Site
from patients.models.staff import Membership, StaffMember
from patients.models.surgery import Procedure, Surgery
from patients.models.therapy import TherapySession
from patients.models.visit_change import VisitChange

__all__ = [
    "AuditEntry",
    "CalendarFeed",
    "CheckUp",
    "ClosedDay",
    "ColumnMapping",
    "ConsentEvent",
    "Contact",
    "ImportRun",
    "ImportedRows",
    "Membership",
    "OpenHoliday",
    "Patient",
    "PatientWord",
    "Procedure",
    "SearchWord",
    "Site",
    "StaffMember",
    "Surgery",
    "TherapySession",
    "VisitChange",
]
