"""What was done about one alert, from the audit: of its patient, since it was raised, where it speaks of alerts."""

from dataclasses import dataclass

from clinic.staff.board.context import Scene
from patients import audit
from reminders.replies.alerts import raising
from reminders.replies.models import Alert


@dataclass(frozen=True, slots=True)
class AlertHistoryEntry:
    when: str
    said: str


def story(alert: Alert, scene: Scene) -> list[AlertHistoryEntry]:
    """Lines of this very alert: each names it, as one patient may have several."""
    entries = audit.story(raising.subject(alert)).filter(additional_data__alert=alert.pk)
    return [
        AlertHistoryEntry(scene.when(entry.timestamp), _said(entry.additional_data or {}, entry.actor))
        for entry in entries
    ]


def _said(data: dict[str, object], actor: object) -> str:
    who = f" by {actor}" if actor else ""
    more = ", ".join(str(data[key]) for key in ("to", "outcome", "note") if data.get(key))
    said = f"{data.get('verb', '')}{who}{': ' + more if more else ''}"
    return said[:1].upper() + said[1:]
