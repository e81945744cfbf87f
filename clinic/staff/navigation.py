"""The sidebar: the day's work first, then the lists."""

from typing import Any, cast

from django.http import HttpRequest
from django.urls import NoReverseMatch, reverse

from clinic.staff.access import StaffRequest
from clinic.staff.board.site import chosen
from clinic.staff.outbox.conversations import is_open
from patients.models.staff import Role

WORK = [
    ("Board", "dashboard", "staff:board"),
    ("Enrol a patient", "person_add", "staff:enrol"),
    ("Message coverage", "rule", "staff:coverage"),
    ("Calendars", "calendar_month", "staff:calendars"),
    ("Outbox", "outbox", "staff:outbox"),
]
LISTS = [
    ("Patients", "group", "admin:patients_patient_changelist"),
    ("Surgeries", "surgical", "admin:patients_surgery_changelist"),
    ("Protocols", "description", "admin:reminders_protocol_changelist"),
    ("Simulator", "science", "staff:simulator"),
    ("Reminders", "notifications", "admin:reminders_reminder_changelist"),
    ("Replies", "forum", "admin:reminders_reply_changelist"),
    ("Alerts", "emergency_home", "admin:reminders_alert_changelist"),
]
SETTINGS = [
    ("System status", "monitor_heart", "staff:status"),
    ("Import patients", "upload_file", "staff:imports"),
    ("Sites", "apartment", "admin:patients_site_changelist"),
    ("Procedures", "list_alt", "admin:patients_procedure_changelist"),
    ("Staff", "badge", "admin:patients_staffmember_changelist"),
    ("Hand over patients", "move_group", "staff:surgeons"),
]


def sidebar(request: HttpRequest) -> list[dict[str, Any]]:
    """Only what this person can open: the outbox while messages stay there, and the settings for managers."""
    work = [entry for entry in WORK if entry[0] != "Outbox" or _has_outbox(request)]
    settings = SETTINGS if _manages(request) else [entry for entry in SETTINGS if entry[0] == "Sites"]
    groups = [("", work), ("Look up", LISTS), ("Settings", settings)]
    return [{"title": title, "separator": bool(title), "items": _items(entries)} for title, entries in groups]


def _has_outbox(request: HttpRequest) -> bool:
    """The page's own rule, for the site they are looking at."""
    user = request.user
    works_here = user.is_authenticated and user.is_active and user.memberships.exists()
    return works_here and is_open(chosen(cast(StaffRequest, request)))


def _manages(request: HttpRequest) -> bool:
    user = request.user
    return user.is_authenticated and user.memberships.filter(role=Role.MANAGER).exists()


def _items(entries: list[tuple[str, str, str]]) -> list[dict[str, Any]]:
    return [{"title": title, "icon": icon, "link": reverse(name)} for title, icon, name in entries if _exists(name)]


def _exists(name: str) -> bool:
    try:
        return bool(reverse(name))
    except NoReverseMatch:
        return False
