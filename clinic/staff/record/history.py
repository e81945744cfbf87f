"""Who did what to this patient and this plan, newest first, in words."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import date, datetime
from itertools import chain
from zoneinfo import ZoneInfo

from django.db import models

from clinic.staff import formats
from patients import audit
from patients.models import AuditEntry


@dataclass(frozen=True, slots=True)
class HistoryEntry:
    at: datetime
    when: str
    who: str
    what: str


def history(of: Iterable[models.Model], zone: ZoneInfo) -> list[HistoryEntry]:
    entries = [_entry(entry, zone) for entry in chain.from_iterable(audit.history(row) for row in of)]
    return sorted(entries, key=lambda entry: entry.at, reverse=True)


def _entry(entry: AuditEntry, zone: ZoneInfo) -> HistoryEntry:
    said = ", ".join(f"{name.replace('_', ' ')}: {_plain(value)}" for name, value in _flat(entry.details) if value)
    who = str(entry.by) if entry.by else "the patient, the provider or the system"
    what = f"{entry.verb} ({said})" if said else entry.verb
    return HistoryEntry(entry.at, formats.moment(entry.at, zone), who, what)


def _flat(details: dict[str, object]) -> Iterator[tuple[str, object]]:
    """Facts that were written down as a group stand beside the others."""
    for name, value in details.items():
        yield from value.items() if isinstance(value, dict) else [(name, value)]


def _plain(value: object) -> str:
    try:
        return formats.day(date.fromisoformat(str(value)))
    except ValueError:
        return str(value).replace("_", " ")
