"""A visit's calendar entry, from its row: what a mail carries, the patient's page offers and a feed lists."""

from datetime import timedelta

from patients import phones
from patients.models import CheckUp, Site
from reminders import calendar_entry
from reminders.calendar_entry import CalendarVisit
from reminders.plan.models import VisitTimeChange

CALL = {"en": "To change the time, call {phone}.", "es": "Para cambiar la hora, llame al {phone}."}
NO_LENGTH = 30  # minutes


def entry_of(check_up: CheckUp, change: VisitTimeChange, site: Site, *, language: str) -> CalendarVisit:
    """At the time of this change; taken back where it has none. Raises ValueError where there never was a time."""
    starts = change.starts or change.was or check_up.booked_for
    if starts is None:
        raise ValueError(f"Check-up {check_up.pk} was never booked.")
    call = CALL.get(language.split("-")[0], CALL["en"])
    return CalendarVisit(
        uid=calendar_entry.uid_of(check_up.pk, site.code),
        sequence=sequence_of(change),
        starts=starts,
        title=calendar_entry.title_of(site.short_name, language),
        where=place_of(site),
        note=call.format(phone=phones.spoken(site.phone.as_e164)),
        lasts=length_of(site),
        is_cancelled=change.starts is None,
    )


def sequence_of(change: VisitTimeChange) -> int:
    """Rises with every change. Entries made before changes were kept had the number of the booking."""
    return change.number + change.offset


def place_of(site: Site) -> str:
    return site.address or site.short_name


def length_of(site: Site) -> timedelta:
    return timedelta(minutes=getattr(site, "visit_minutes", NO_LENGTH))
