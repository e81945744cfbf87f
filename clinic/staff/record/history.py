"""Who did what to this patient and this plan, newest first, in words."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import date, datetime
from itertools import chain
from zoneinfo import ZoneInfo

from auditlog.models import LogEntry
from django.db import models

from clinic.staff import formats
from patients import audit


@dataclass(frozen=True, slots=True)
class HistoryEntry:
    at: datetime
    when: str
    who: str
    what: str


def story(of: Iterable[models.Model], zone: ZoneInfo) -> list[HistoryEntry]:
    entries = [_entry(entry, zone) for entry in chain.from_iterable(audit.story(row) for row in of)]
    return sorted(entries, key=lambda entry: entry.at, reverse=True)


def _entry(entry: LogEntry, zone: ZoneInfo) -> HistoryEntry:
    details = dict(entry.additional_data or {})
    verb = str(details.pop("verb", "changed"))
    said = ", ".join(f"{name.replace('_', ' ')}: {_plain(value)}" for name, value in _flat(details) if value)
    who = str(entry.actor) if entry.actor else "the patient, the provider or the plan"
    return HistoryEntry(
        entry.timestamp, formats.moment(entry.timestamp, zone), who, f"{verb} ({said})" if said else verb
    )


def _flat(details: dict[str, object]) -> Iterator[tuple[str, object]]:
    """Facts that were written down as a group stand beside the others."""
    for name, value in details.items():
        yield from value.items() if isinstance(value, dict) else [(name, value)]


def _plain(value: object) -> str:
    try:
        return formats.day(date.fromisoformat(str(value)))
    except ValueError:
        return str(value).replace("_", " ")
