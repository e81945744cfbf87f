"""Raising an alert: its causes, who is responsible, and by when somebody must answer. It sends nothing."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from django.db import models, transaction
from django.db.models import Q

from patients import audit
from patients.models import Contact, Patient, Site, StaffMember, Surgery
from patients.models.staff import Role
from reminders.replies.alerts import staffed_hours
from reminders.replies.alerts.staffed_hours import Hours
from reminders.replies.autoreply_texts import Answer
from reminders.replies.models import Alert, AlertRule, Cause, CheckIn, Reply
from reminders.replies.models.alert import Level
from reminders.replies.parsing import redflags


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


GATHERED = (Level.E, Level.D)  # class R is reception's list: each of its own
CLOSED = " closed"
QUIET = timedelta(minutes=15)  # nobody is mailed of the same emergency more often, however many texts come


@dataclass(frozen=True, slots=True)
class AlertCause:
    """What was heard, of whom: a text, answers of a check-in, both, or neither."""

    site: Site
    level: str
    signs: list[str]
    surgery: Surgery | None
    contact: Contact | None
    reply: Reply | None
    check_in: CheckIn | None

    @property
    def patient(self) -> int | None:
        """The patient's key; None where it is not known."""
        return self.surgery.patient_id if self.surgery else self.contact.patient_id if self.contact else None


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
    """What is heard of one patient until somebody closes the alert is one alert; a higher class raises it.

    Where no patient is known it is the phone number. `signs` are codes; staff read their names. It never sends
    anything: `tell_at` says that staff must be told, and telling.py does.
    """
    heard = AlertCause(site, level, list(dict.fromkeys(signs)), surgery, contact, reply, check_in)
    alert = _open_one(heard) if level in GATHERED else None
    if alert is None:
        alert, said = _new(heard, now), "alert raised"
    else:
        said = _add(alert, heard, now)
    _keep(alert, heard, now)
    tell(said, alert, by=None, now=now, signs=", ".join(alert.signs))
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
        return staffed_hours.end_of_next_day(now, hours)
    if not terms.staffed_only:
        return now + timedelta(minutes=terms.minutes)
    by = staffed_hours.after(now, terms.minutes, hours)
    return min(by, staffed_hours.closing(now, hours)) if level == Level.D else by


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
    """The row the audit entry belongs to: the patient, or the alert itself for an unknown number."""
    if alert.surgery:
        return alert.surgery.patient
    return alert.contact.patient if alert.contact else alert


def tell(verb: str, alert: Alert, *, by: StaffMember | None, now: datetime, **details: str) -> None:
    """Record an event of an alert in the audit of its patient."""
    told: dict[str, Any] = {"level": alert.level, "alert": alert.pk, **details}
    audit.record(verb, of=subject(alert), by=by, now=now, **told)


def _due(site: Site, level: str, now: datetime) -> dict[str, Any]:
    set_by = terms(site, level)
    return {"answer_by": answer_by(level, now, set_by, hours(site)), "owner_role": set_by.owner_role}


def _open_one(heard: AlertCause) -> Alert | None:
    """Locked. What is heard of the same patient at the same instant, by another way, waits for this one."""
    if heard.patient:
        list(Patient.objects.select_for_update(no_key=True).filter(pk=heard.patient).values("pk"))
        theirs = Q(surgery__patient=heard.patient) | Q(contact__patient=heard.patient)
    elif heard.reply and heard.reply.from_address:
        theirs = Q(surgery=None, contact=None, causes__reply__from_address=heard.reply.from_address)
    else:
        return None
    rows = Alert.objects.for_site(heard.site).open().filter(theirs, level__in=GATHERED)
    return rows.select_for_update(of=("self",)).order_by("pk").first()


def _new(heard: AlertCause, now: datetime) -> Alert:
    return Alert.objects.create(
        site=heard.site,
        level=heard.level,
        signs=heard.signs,
        surgery=heard.surgery,
        contact=heard.contact,
        reply=heard.reply,
        check_in=heard.check_in,
        raised_at=now,
        **_due(heard.site, heard.level, now),
        **(_news(0, now) if heard.level in GATHERED else {}),
    )


def _add(alert: Alert, heard: AlertCause, now: datetime) -> str:
    """Its class and its time only ever become more pressing. Whoever took the calmer one must take it anew."""
    is_worse = heard.level == Level.E and alert.level != Level.E
    changed: dict[str, Any] = {"signs": list(dict.fromkeys([*alert.signs, *heard.signs]))}
    if is_worse:
        due = _due(alert.site, heard.level, now)
        changed |= due | {"level": heard.level, "answer_by": min(alert.answer_by, due["answer_by"])}
        changed |= {"taken_at": None, "escalated_at": None, "escalations": 0}
    if is_worse or _is_news(alert, heard, now):
        changed |= _news(alert.tellings, now)
    for name, value in changed.items():
        setattr(alert, name, value)
    alert.save(update_fields=list(changed))
    return "alert raised to class E" if is_worse else "alert heard more"


def _is_news(alert: Alert, heard: AlertCause, now: datetime) -> bool:
    """Of a known emergency: one more sign of it, or any while it is late and was not told of just now."""
    if heard.level != Level.E:
        return False
    is_new = redflags.level(set(heard.signs) - set(alert.signs)) == Level.E
    return is_new or (alert.answer_by <= now and (alert.told_at is None or alert.told_at <= now - QUIET))


def _news(tellings: int, now: datetime) -> dict[str, Any]:
    return {"tell_at": now, "tellings": tellings + 1}


def _keep(alert: Alert, heard: AlertCause, now: datetime) -> None:
    """A text that speaks twice, in words and as an answer, is one cause."""
    facts: dict[str, Any] = {"alert": alert, "level": heard.level, "signs": heard.signs, "check_in": heard.check_in}
    if heard.reply is None:
        Cause.objects.create(heard_at=now, **facts)
        return
    cause, new = Cause.objects.get_or_create(reply=heard.reply, defaults=facts | {"heard_at": now})
    if not new:
        cause.level = Level.E if Level.E in (cause.level, heard.level) else cause.level
        cause.signs = list(dict.fromkeys([*cause.signs, *heard.signs]))
        cause.check_in = cause.check_in or heard.check_in
        cause.save(update_fields=["level", "signs", "check_in"])
