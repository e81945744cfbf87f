"""An alert is raised: what was seen, whose it is, and by when somebody must have answered. It never sends anything."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from django.db import models, transaction

from patients import audit
from patients.models import Contact, Site, StaffMember, Surgery
from patients.models.staff import Role
from reminders.replies import staffed
from reminders.replies.models import Alert, AlertRule, CheckIn, Reply
from reminders.replies.models.alert import Level
from reminders.replies.said import Answer
from reminders.replies.staffed import Hours


@dataclass(frozen=True, slots=True)
class Terms:
    """Whose alerts of a level are, and how long they may take. `minutes` None: until the next staffed day ends."""

    owner_role: str
    minutes: int | None
    staffed_only: bool = True


DEFAULTS = {
    Level.E: Terms(Role.SURGEON, 15, staffed_only=False),
    Level.D: Terms(Role.SURGEON, 120),
    Level.R: Terms(Role.RECEPTION, None),
}


CLOSED = " closed"


@transaction.atomic
def raise_alert(
    *,
    site: Site,
    level: str,
    signs: Iterable[str],
    now: datetime,
    surgery: Surgery | None = None,
    contact: Contact | None = None,
    reply: Reply | None = None,
    check_in: CheckIn | None = None,
) -> Alert:
    """One per reply and level, or per check-in and level: raised again, its signs are added to what is there.

    A sign that is new to a closed one opens it again, with its whole time. With neither a reply nor a check-in every
    call is an alert of its own. `signs` are codes; staff read their names.
    """
    seen = list(dict.fromkeys(signs))
    values = {"surgery": surgery, "contact": contact, "check_in": check_in, "signs": seen} | _due(site, level, now)
    if reply is None and check_in is None:
        alert, new = Alert.objects.create(site=site, level=level, **values), True
    else:
        source = {"reply": reply} if reply else {"reply": None, "check_in": check_in}
        alert, new = Alert.objects.select_for_update().get_or_create(site=site, level=level, **source, defaults=values)
    if new or _heard_again(alert, seen, now):
        tell("alert raised" if new else "alert raised again", alert, by=None, now=now, signs=", ".join(alert.signs))
    return alert


def terms(site: Site, level: str) -> Terms:
    """A clinic sets owner and time; an emergency runs at any hour, whatever its rule says."""
    rule = AlertRule.objects.for_site(site).filter(level=level).first()
    if rule is None:
        return DEFAULTS[Level(level)]
    return Terms(rule.owner_role, rule.minutes, rule.staffed_only and level != Level.E)


def own_words(site: Site, level: str, answer: Answer) -> dict[str, str]:
    """A clinic's wording by language; `en closed` is what is said while nobody is there."""
    rule = AlertRule.objects.for_site(site).filter(level=level).first()
    wording = {key.strip().lower(): str(words) for key, words in rule.wording.items() if words} if rule else {}
    if answer != Answer.NOBODY_READS:
        return {key: words for key, words in wording.items() if not key.endswith(CLOSED)}
    return {key.removesuffix(CLOSED): words for key, words in wording.items() if key.endswith(CLOSED)}


def answer_by(level: str, now: datetime, terms: Terms, hours: Hours) -> datetime:
    """Class D means the same staffed day: it never runs on into the next one."""
    if terms.minutes is None:
        return staffed.end_of_next_day(now, hours)
    if not terms.staffed_only:
        return now + timedelta(minutes=terms.minutes)
    by = staffed.after(now, terms.minutes, hours)
    return min(by, staffed.closing(now, hours)) if level == Level.D else by


def hours(site: Site) -> Hours:
    """When somebody is there; days closed in the past are of no use here, and few."""
    return Hours(
        zone=site.zone,
        opens=site.staffed_from,
        closes=site.staffed_until,
        weekdays=frozenset(site.staffed_weekdays),
        closed=frozenset(site.closed_days.values_list("date", flat=True)),
    )


def subject(alert: Alert) -> models.Model:
    """The patient, whose record tells the story; the alert itself where nobody knows the number."""
    if alert.surgery:
        return alert.surgery.patient
    return alert.contact.patient if alert.contact else alert


def tell(verb: str, alert: Alert, *, by: StaffMember | None, now: datetime, **details: str) -> None:
    """Into the story of its patient, where the alert is known by its number."""
    told: dict[str, Any] = {"level": alert.level, "alert": alert.pk, **details}
    audit.record(verb, of=subject(alert), by=by, now=now, **told)


def _due(site: Site, level: str, now: datetime) -> dict[str, object]:
    set_by = terms(site, level)
    return {
        "raised_at": now,
        "answer_by": answer_by(level, now, set_by, hours(site)),
        "owner_role": set_by.owner_role,
    }


def _heard_again(alert: Alert, seen: list[str], now: datetime) -> bool:
    """Whether it told anything new."""
    new = [sign for sign in seen if sign not in alert.signs]
    if not new:
        return False
    changed: dict[str, object] = {"signs": alert.signs + new}
    if alert.closed_at:
        changed |= _due(alert.site, alert.level, now) | _unanswered()
    for name, value in changed.items():
        setattr(alert, name, value)
    alert.save(update_fields=list(changed))
    return True


def _unanswered() -> dict[str, object]:
    nobody = {"owner": None, "taken_at": None, "closed_by": None, "closed_at": None, "escalated_at": None}
    return nobody | {"escalations": 0, "outcome": "", "outcome_note": ""}
