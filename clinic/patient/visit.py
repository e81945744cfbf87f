"""The next visit on the patient's page: booked, or to be booked, and what the patient has said about it."""

from dataclasses import dataclass
from datetime import datetime, timedelta

from clinic.patient import localized
from clinic.patient.page_texts import Words
from patients import phones
from patients.models import CheckUp, Contact, Surgery
from patients.models.checkup import LEAD, CheckUpState
from patients.models.contact import Relationship
from reminders.delivery.sending.texts import FAR
from reminders.plan.models import CarePlan
from reminders.replies import visit_answers
from reminders.replies.actions import said_cannot_come
from reminders.replies.models import Intent

BOOKED = [CheckUpState.BOOKED, CheckUpState.CONFIRMED]
SAID = {
    Intent.CANNOT_COME: "you_cannot_come", Intent.NEW_TIME: "you_want_a_new_time", Intent.CALL_ME: "you_want_a_call",
}  # fmt: skip
STAYS = timedelta(hours=2)  # a visit that began just now is still worth showing


@dataclass(frozen=True, slots=True)
class NextVisit:
    """A booked one has `when`; one that is only due says in `ask` how to book it. `key` names this very booking."""

    title: str
    when: str = ""
    ask: str = ""
    key: str = ""
    may_confirm: bool = False
    may_refuse: bool = False
    to_change: str = ""
    said: str = ""


def booked_visit(surgery: Surgery, now: datetime) -> CheckUp | None:
    """The next one of this patient, whichever operation it is for: what is booked takes place."""
    theirs = CheckUp.objects.filter(surgery__patient=surgery.patient_id, state__in=BOOKED, booked_for__gt=now - STAYS)
    return theirs.with_patient().order_by("booked_for", "pk").first()


def key_of(check_up: CheckUp) -> str:
    """A page that was opened before the visit moved carries another one."""
    return f"{check_up.pk}-{check_up.bookings}"


def own_contact(surgery: Surgery) -> Contact | None:
    """Whom reception calls back: the patient's phone, else any address of theirs, else a caregiver's."""
    contacts = Contact.objects.filter(patient=surgery.patient_id, ended_at=None)
    order = {(True, True): 0, (True, False): 1, (False, True): 2, (False, False): 3}
    ranked = sorted(contacts, key=lambda c: order[c.relationship == Relationship.SELF, bool(c.phone)])
    return ranked[0] if ranked else None


def title_of(plan: CarePlan, check_up: CheckUp, language: str) -> str:
    """The row's title is the clinic's language; the protocol knows the patient's."""
    definition = check_up.surgery.care_plan.version.check_ups.filter(code=check_up.code).first()
    titles = definition.title if definition else {}
    return str(localized.in_language(titles, language, plan.surgery.site.language) or check_up.title)


def next_visit(plan: CarePlan, *, language: str, words: Words, now: datetime) -> NextVisit | None:
    """None where nothing is booked and nothing is due yet."""
    if check_up := booked_visit(plan.surgery, now):
        return _booked(plan, check_up, language=language, words=words, now=now)
    today = plan.surgery.site.today(now)
    running = Surgery.objects.active().filter(patient=plan.surgery.patient_id)
    open_ones = CheckUp.objects.filter(surgery__in=running, state__in=[CheckUpState.DUE, CheckUpState.MISSED])
    check_up = open_ones.filter(window_opens__lte=today + LEAD).order_by("-window_opens").first()
    return _to_book(plan, check_up, language=language, words=words, now=now) if check_up else None


def _booked(plan: CarePlan, check_up: CheckUp, *, language: str, words: Words, now: datetime) -> NextVisit:
    site, at = plan.surgery.site, check_up.booked_for or now  # a booked row has a time: a database constraint
    asked, ahead = _asked(check_up), at > now
    refused = asked in (Intent.CANNOT_COME, Intent.NEW_TIME)
    reachable = own_contact(plan.surgery) is not None
    call = words["call_to_change"].format(phone=phones.spoken(site.phone.as_e164))
    confirmed = check_up.state == CheckUpState.CONFIRMED
    return NextVisit(
        title=title_of(plan, check_up, language),
        when=localized.sentence_case(localized.moment(at, site.zone, language, words, year=at - now > FAR)),
        key=key_of(check_up),
        may_confirm=ahead and not confirmed and not refused,
        may_refuse=ahead and reachable and not refused,
        to_change=call if ahead and not reachable else "",
        said=words[SAID[asked]] if asked in SAID else words["you_will_come"] if confirmed else "",
    )


def _asked(check_up: CheckUp) -> Intent | None:
    """What was said last about this booking, by text or on the page."""
    return visit_answers.answered(check_up) or (Intent.CANNOT_COME if said_cannot_come(check_up) else None)


def _to_book(plan: CarePlan, check_up: CheckUp, *, language: str, words: Words, now: datetime) -> NextVisit:
    late = check_up.state == CheckUpState.MISSED or check_up.window_closes < plan.surgery.site.today(now)
    opens, closes = (localized.long_day(day, language) for day in (check_up.window_opens, check_up.window_closes))
    ask = words["book_late"] if late else words["book"].format(opens=opens, closes=closes)
    return NextVisit(title=title_of(plan, check_up, language), ask=ask)
