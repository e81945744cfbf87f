"""What a text means at one site, from one phone: whose it is, which question it answers, whether it must not wait."""

from dataclasses import dataclass, replace
from datetime import datetime

from patients import initials, shared_contacts
from patients.consent import ConsentKind
from patients.models import Contact, Site
from patients.models.contact import Relationship
from reminders.replies.autoreply_texts import Answer
from reminders.replies.checkins.open_questions import (
    OFFERS,
    VISITS,
    AnsweredText,
    OpenQuestion,
    open_questions,
    sent_lately,
    visit_asked,
)
from reminders.replies.models import Intent, Reply, SiteSign
from reminders.replies.parsing.questionnaire import PendingQuestion
from reminders.replies.parsing.utterance import KEYWORDS, NOT_SHARED, SharedPhone, Utterance, parse
from reminders.replies.parsing.visit_words import VisitAsked


@dataclass(frozen=True, slots=True)
class Heard:
    """`contacts`: all with this number, whom a STOP is about. `meant`: of them, whose text it may be.

    `contact`: the sender: the patient's own if there is one, else the caregiver's; None if it may be of two patients.
    `told`: the question it answers. `is_check_in`: it answers one of a check-in at least in part: what must not wait of
    that is the check-in's own alert. `is_anybodys`: a 1 that may be about the visit of either: `JM 1` would not be.
    `stray`: it looks like an answer, and fits no open question; a person reads it, and we say so.
    `asked`: where several share the phone, whose questions were open. `had_refused`: all of them, before this text.
    """

    meaning: Utterance
    contacts: list[Contact]
    meant: list[Contact]
    contact: Contact | None
    phone: SharedPhone
    urgent: bool
    told: AnsweredText | None
    is_check_in: bool
    is_anybodys: bool
    stray: Answer | None
    asked: frozenset[int]
    had_refused: bool
    reply: Reply | None = None  # once it is kept


def hear(
    text: str, contacts: list[Contact], *, now: datetime, site: Site | None, opt_out_type: str = "", media: int = 0
) -> Heard:
    """Parse the text once, with what is open on this phone. Whatever comes after takes the value, not the words."""
    had_refused = _have_refused(contacts)
    visit = VisitAsked.NO if had_refused or _is_held(contacts) else visit_asked(contacts, now)
    if opt_out_type == "START" and visit == VisitAsked.LAST:  # YES to our visit; nothing was stopped that could start
        opt_out_type = ""
    by_provider = opt_out_type in KEYWORDS  # then it is about the number, and answers nothing
    phone = NOT_SHARED if by_provider else _phone(contacts)
    questions = [] if by_provider else open_questions(contacts, now)
    said = parse(
        text,
        phone=phone,
        asked=[_pending(question) for question in questions],
        visit=VisitAsked.NO if by_provider else visit,
        own=SiteSign.objects.for_site(site).as_added() if site else [],
        pictures=media,
        opt_out_type=opt_out_type,
    )
    meant = [contact for contact in contacts if said.patient in (None, contact.patient_id)]
    of_either = said.visit.is_short and said.answer.answers is not None and not said.answer.seen
    is_ambiguous = of_either or _is_ambiguous(said, meant, now)
    told = None if is_ambiguous else _told(said, questions, now)
    meaning = _settled(said, told, is_ambiguous=is_ambiguous)
    patients = {contact.patient_id for contact in meant}
    sender = min(meant, key=_is_caregiver) if len(patients) == 1 else None
    return Heard(
        meaning=meaning,
        contacts=contacts,
        meant=meant,
        contact=told.question.contact if told else sender,
        phone=phone,
        urgent=said.urgent or bool(told and told.seen),
        told=told,
        is_check_in=told is not None and told.answers is not None and told.question.is_check_in,
        is_anybodys=meaning.intent == Intent.YES and len(patients) > 1,
        stray=Answer.A_PERSON_READS if of_either else _stray(meaning, told, is_ambiguous=is_ambiguous),
        asked=frozenset(question.contact.patient_id for question in questions if phone.several),
        had_refused=had_refused,
    )


def _phone(contacts: list[Contact]) -> SharedPhone:
    """Nobody has to be named where a patient alone writes, as most do."""
    if len({contact.patient_id for contact in contacts}) < 2 and not any(map(_is_caregiver, contacts)):
        return NOT_SHARED
    address = contacts[0].site_id, contacts[0].address
    people = shared_contacts.people([address]).get(address, [])
    return SharedPhone(initials.tags(people), several=initials.are_several(people))


def _is_caregiver(contact: Contact) -> bool:
    return contact.relationship == Relationship.CAREGIVER


def _have_refused(contacts: list[Contact]) -> bool:
    kinds = Contact.objects.filter(pk__in=[contact.pk for contact in contacts]).with_consent()
    return bool(contacts) and all(contact.consent_kind == ConsentKind.WITHDRAWN for contact in kinds)


def _is_held(contacts: list[Contact]) -> bool:
    return any(contact.held_since for contact in contacts)


def _pending(question: OpenQuestion) -> PendingQuestion:
    return PendingQuestion(
        key=question.delivery.pk,
        patient=question.contact.patient_id,
        missing=question.missing,
        is_check_in=question.is_check_in,
        last_pain=question.last_pain,
    )


def _is_ambiguous(said: Utterance, meant: list[Contact], now: datetime) -> bool:
    """A 1 while both a check-in and a visit's text wait for one: nobody guesses which was meant. 1/10 is a pain."""
    kinds = OFFERS.get(said.score, []) if said.score is not None and not said.is_out_of_ten else []
    return bool(kinds) and sent_lately(meant, kinds, now).exists()


def _told(said: Utterance, questions: list[OpenQuestion], now: datetime) -> AnsweredText | None:
    """A text whose first digit a visit's text offers too has to be asked again, unless it speaks of a sign."""
    answer = said.answer
    question = next((question for question in questions if question.delivery.pk == answer.to), None)
    if question is None:
        return None
    if answer.answers is None:
        is_for_a_visit = answer.is_bare_digit and sent_lately([question.contact], VISITS, now).exists()
        is_unclear = said.intent == Intent.UNCLEAR_SCORE or (answer.is_bare_digit and not is_for_a_visit)
        return AnsweredText(question) if is_unclear else None
    offered = OFFERS.get(answer.answers.pain or 0, []) if answer.more and not said.signs else []
    if offered and sent_lately([question.contact], offered, now).exists():
        return AnsweredText(question)
    return AnsweredText(question, answer.answers, more=answer.more, seen=answer.seen)


def _settled(said: Utterance, told: AnsweredText | None, *, is_ambiguous: bool) -> Utterance:
    """What it means once it is known what it answers."""
    if is_ambiguous:
        return replace(said, intent=Intent.OTHER, score=None)
    if told and told.answers:
        return replace(said, intent=Intent.SCORE, score=told.answers.pain)
    if told:
        return replace(said, intent=Intent.UNCLEAR_SCORE)
    if said.intent == Intent.UNCLEAR_SCORE:  # of several questions: to ask for one number would not help
        return replace(said, intent=Intent.OTHER)
    return said


def _stray(meaning: Utterance, told: AnsweredText | None, *, is_ambiguous: bool) -> Answer | None:
    if is_ambiguous:
        return Answer.PAIN_OR_VISIT
    is_loose = told is None and meaning.intent in (Intent.OTHER, Intent.SCORE)
    return Answer.A_PERSON_READS if is_loose and meaning.answer.looks_like_an_answer else None
