"""What a patient answers about a visit: done, kept with the booking it is about, and said back (docs/alerts.md).

1 and a yes confirm. 2, 3, 9 and a no are for a person, who calls; the patient is told so, and when somebody is there.
An opt-out by CANCEL stays an opt-out, and stays on the list: reception asks by phone whether the visit was meant.
"""

from datetime import datetime, timedelta

from django.core.exceptions import ValidationError
from django.db.models import Q

from patients import audit, phones
from patients.models import CheckUp, Contact
from patients.models.contact import Relationship
from reminders import visit_actions
from reminders.delivery.models import Delivery
from reminders.delivery.receipts.code_actions import hushed
from reminders.plan.visit_keys import visit_of
from reminders.plan.wording.name_prefix import say
from reminders.replies.alerts import raising, staffed_hours
from reminders.replies.autoreply_texts import Answer, said
from reminders.replies.checkins.open_questions import ASKED_FOR, MAY_HAVE_ARRIVED, OFFERS, VISITS, sent_lately
from reminders.replies.interpret import Heard
from reminders.replies.models import Intent, Reply, VisitAnswer

CHOOSES_A_TIME = ["visit booked", "visit change undone"]  # in the audit
ANSWERS = {Intent.CANNOT_COME: Answer.CANNOT_COME, Intent.NEW_TIME: Answer.NEW_TIME, Intent.CALL_ME: Answer.CALL_ME}
DIGITS = {Intent.YES: 1, Intent.CANNOT_COME: 2, Intent.NEW_TIME: 3, Intent.CALL_ME: 9}
EFFECTS = {
    Answer.VISIT_MOVED: "Not confirmed: the visit had moved. Told its new time.",
    Answer.CANNOT_COME: "Told that we call about a new time.",
    Answer.NEW_TIME: "Told that we call about a new time.",
    Answer.CALL_ME: "Told that a person calls.",
}
FOR_A_PERSON = frozenset(EFFECTS.values())  # told, and still on the list
AGAIN_AFTER = timedelta(hours=1)  # the same words to the same phone
MOST, WITHIN = 6, timedelta(days=1)  # acknowledgements to one phone: two machines must not talk to each other
# An acknowledgement neither uses up another answer of the hour nor is used up by one.
ACKNOWLEDGED = Q(intent__in=ASKED_FOR) & ~Q(effect="") & ~Q(answer="")


def confirm(heard: Heard, text: str, now: datetime) -> str:
    """Confirms the next visit when there is no doubt whose, and which time, is meant; else a person reads it."""
    visit = next_visit(heard.meant, now)
    if visit is None or has_moved_unsaid(visit, heard.meant, now):
        return ""
    try:
        visit_actions.confirm_visit(visit, by=None, now=now)
    except ValidationError:  # cancelled by staff at this very moment: a person reads it
        return ""
    return f"Confirmed: {visit.title}."


def next_visit(contacts: list[Contact], now: datetime) -> CheckUp | None:
    """The one that our last text to them was about, else the next that is booked.

    None where it may be of two patients, or was booked after the text was written.
    """
    coming = _coming({contact.patient_id for contact in contacts}, now)
    if len({visit.surgery.patient_id for visit in coming}) != 1:
        return None
    visit = (_last_told(contacts, coming, now) if len(coming) > 1 else None) or coming[0]
    return None if _booked(visit, after=now) else visit


def _last_told(contacts: list[Contact], coming: list[CheckUp], now: datetime) -> CheckUp | None:
    """Of two operations the nearer visit may be one that no text speaks of: the earlier plan has ended."""
    told = sent_lately(contacts, VISITS, now).order_by("-claimed_at", "-pk")
    about = ("reminder__surgery", "reminder__step__check_up__code", "reminder__occurrence")
    for surgery, code, occurrence in told.values_list(*about)[:1]:
        meant = surgery, code, visit_of(occurrence)[0]
        return next((one for one in coming if (one.surgery_id, one.code, one.occurrence) == meant), None)
    return None


def has_moved_unsaid(visit: CheckUp, contacts: list[Contact], now: datetime) -> bool:
    """The text they answer was of an earlier booking, and nothing has gone to this phone since."""
    told = sent_lately(contacts, VISITS, now).order_by("-claimed_at").values_list("claimed_at", flat=True).first()
    booked = audit.history(visit.surgery).filter(verb__in=CHOOSES_A_TIME, details__visit=visit.title, at__lte=now)
    moment = booked.order_by("-at").values_list("at", flat=True).first()
    if told is None or moment is None or told >= moment:
        return False
    since = Delivery.objects.filter(contact__in=contacts, state__in=MAY_HAVE_ARRIVED)
    return not since.filter(claimed_at__gte=moment, claimed_at__lte=now).exists()


def keep(reply: Reply, heard: Heard, *, now: datetime) -> None:
    """Tie the text to the booking it is about. An opt-out that may have been meant for a visit is for reception too."""
    if reply.intent in ASKED_FOR and not heard.urgent:
        visit = next_visit(heard.meant, now)
        _tie(reply, [visit] if visit else [])
    elif reply.intent == Intent.STOP and heard.meaning.visit.is_cancel:
        visits = _coming({contact.patient_id for contact in heard.contacts}, now)  # any of them may be meant
        known = set(VisitAnswer.objects.to_ask().filter(check_up__in=visits).values_list("check_up", "booking"))
        if to_ask := [visit for visit in visits if (visit.pk, visit.bookings) not in known]:
            _tie(reply, to_ask)
            reply.handled_at = None
            reply.save(update_fields=["handled_at"])


def answered(check_up: CheckUp) -> Intent | None:
    """The last that was said about this booking, by text or on the patient's page; a new time starts afresh."""
    said_last = VisitAnswer.objects.of_booking(check_up).filter(reply__intent__in=ASKED_FOR).last()
    return Intent(said_last.reply.intent) if said_last else None


def acknowledge(reply: Reply, heard: Heard) -> str | None:
    """The words for an answer about a visit; its effect says so too. None: it is none; empty: said just now."""
    if not _may_be_told(reply, heard):
        return None
    visit = next_visit(heard.meant, reply.received_at)
    kind = _kind(reply, heard, visit)
    if kind is None:
        return None
    words = _words(kind, reply, heard, visit)
    if _said_lately(reply, words):
        return ""
    reply.effect = reply.effect or EFFECTS.get(kind, "")
    return words


def _may_be_told(reply: Reply, heard: Heard) -> bool:
    is_now = reply.source == "webhook" and reply.site is not None and bool(heard.contacts)
    is_silent = heard.had_refused or heard.urgent or heard.meaning.provider_answers
    held = any(contact.held_since or hushed(contact.pk) for contact in heard.contacts)
    return reply.intent in DIGITS and is_now and not is_silent and not held


def _kind(reply: Reply, heard: Heard, visit: CheckUp | None) -> Answer | None:
    intent = Intent(reply.intent)
    if intent == Intent.YES:
        if reply.effect:
            return Answer.EXPECTED
        is_other = visit is not None and has_moved_unsaid(visit, heard.meant, reply.received_at)
        return Answer.VISIT_MOVED if is_other else None
    was_asked = sent_lately(heard.meant, OFFERS[DIGITS[intent]], reply.received_at).exists()
    return ANSWERS[intent] if visit or was_asked else None


def _said_lately(reply: Reply, words: str) -> bool:
    """The same words as the last time, within the hour; or too many of them in a day."""
    mine = Reply.objects.filter(ACKNOWLEDGED, site=reply.site, from_address=reply.from_address).exclude(pk=reply.pk)
    before = list(mine.filter(received_at__gt=reply.received_at - WITHIN).order_by("-received_at", "-pk")[:MOST])
    if len(before) == MOST:
        return True
    return bool(before) and before[0].answer == words and before[0].received_at > reply.received_at - AGAIN_AFTER


def _words(kind: Answer, reply: Reply, heard: Heard, visit: CheckUp | None) -> str:
    site, now = reply.site, reply.received_at
    if site is None:
        return ""
    theirs = [c for c in heard.meant if visit is None or c.patient_id == visit.surgery.patient_id] or heard.meant
    hours = raising.hours(site)
    is_staffed = staffed_hours.is_staffed(now, hours)
    words = said(
        kind,
        languages=[contact.language for contact in theirs] + list(site.languages),
        clinic=site.short_name,
        phone=phones.spoken(str(site.phone)),
        emergency=site.emergency_number,
        now=now.astimezone(site.zone),
        opens=None if is_staffed else staffed_hours.opening(now, hours).astimezone(site.zone),
        visit=visit.booked_for.astimezone(site.zone) if visit and visit.booked_for else None,
    )
    return say(words, _tag(heard, theirs, visit), clinic=site.short_name, language=theirs[0].language)


def _tag(heard: Heard, theirs: list[Contact], visit: CheckUp | None) -> str:
    """Whom it is about, on a phone that is not the patient's alone."""
    is_own = not heard.phone.several and theirs[0].relationship != Relationship.CAREGIVER
    return "" if is_own or visit is None else heard.phone.tags.get(visit.surgery.patient_id, "")


def _coming(patients: set[int], now: datetime) -> list[CheckUp]:
    visits = CheckUp.objects.upcoming().filter(surgery__patient__in=patients, booked_for__gt=now)
    return list(visits.select_related("surgery").order_by("booked_for", "pk"))


def _booked(visit: CheckUp, *, after: datetime) -> bool:
    """A text found late says nothing of a time that was chosen after it."""
    return audit.history(visit.surgery).filter(verb__in=CHOOSES_A_TIME, at__gt=after).exists()


def _tie(reply: Reply, visits: list[CheckUp]) -> None:
    for visit in visits:
        VisitAnswer.objects.get_or_create(
            reply=reply, check_up=visit, defaults={"site_id": visit.site_id, "booking": visit.bookings}
        )
