"""The history of one alert, from the audit: of its patient, since it was raised, entries about alerts."""

from dataclasses import dataclass

from clinic.staff.board.context import Scene
from patients import audit
from patients.models import AuditEntry
from reminders.replies.alerts import raising
from reminders.replies.models import Alert


@dataclass(frozen=True, slots=True)
class AlertHistoryEntry:
    when: str
    said: str


def history(alert: Alert, scene: Scene) -> list[AlertHistoryEntry]:
    """The audit entries that name this alert, as one patient may have several."""
    entries = audit.history(raising.subject(alert)).filter(details__alert=alert.pk)
    return [AlertHistoryEntry(scene.when(entry.at), _said(entry)) for entry in entries]


def _said(entry: AuditEntry) -> str:
    who = f" by {entry.by}" if entry.by else ""
    more = ", ".join(str(entry.details[key]) for key in ("to", "outcome", "note") if entry.details.get(key))
    said = f"{entry.verb}{who}{': ' + more if more else ''}"
    return said[:1].upper() + said[1:]
