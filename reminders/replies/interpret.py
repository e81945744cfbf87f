"""What a text means at one site, from one phone: whose it is, which question it answers, whether it must not wait."""

from dataclasses import dataclass, field, replace
from datetime import datetime

from patients import initials, shared_contacts
from patients.models import Contact, Site
from patients.models.contact import Relationship
from reminders.plan.wording.name_prefix import begin, say
from reminders.replies.autoreply_texts import Answer
from reminders.replies.checkins import lifecycle, open_questions
from reminders.replies.checkins.open_questions import AnsweredText, OpenQuestion
from reminders.replies.models import Reply, SiteSign
from reminders.replies.parsing import questionnaire, whose
from reminders.replies.parsing.meaning import Intent, Meaning, meaning, with_own_phrases
from reminders.replies.parsing.whose import SharedPhone

OPT_OUT = {"STOP": Intent.STOP, "START": Intent.START, "HELP": Intent.HELP}


@dataclass(frozen=True, slots=True)
class Heard:
    """`contacts`: all with this number, whom a STOP is about. `meant`: of them, whose text it may be.

    `stray`: it looks like an answer, and fits no open question; a person reads it, and we say so.
    `asked`: where several share the phone, whose questions were open.
    """

    meaning: Meaning
    contacts: list[Contact]
    meant: list[Contact]
    phone: SharedPhone = field(default_factory=SharedPhone)
    told: AnsweredText | None = None
    urgent: bool = False
    stray: Answer | None = None
    asked: frozenset[int] = frozenset()
    reply: Reply | None = None  # once it is kept

    @property
    def question(self) -> OpenQuestion | None:
        return self.told.question if self.told else None

    @property
    def is_check_in(self) -> bool:
        """Answered in part at least: what must not wait of it is the check-in's own alert."""
        return self.told is not None and self.told.answers is not None and self.told.question.is_check_in

    @property
    def is_anybodys(self) -> bool:
        """A 1 that may be about the visit of either: `JM 1` would not be."""
        return self.meaning.intent == Intent.YES and len({contact.patient_id for contact in self.meant}) > 1

    @property
    def contact(self) -> Contact | None:
        """Whose it is: a patient's own before a caregiver's; nobody's where it may be of two patients."""
        if self.question:
            return self.question.contact
        if len({contact.patient_id for contact in self.meant}) != 1:
            return None
        return min(self.meant, key=_is_caregiver)


def hear(text: str, contacts: list[Contact], *, opt_out_type: str, now: datetime, site: Site | None) -> Heard:
    own = SiteSign.objects.for_site(site).as_added() if site else []
    if opt_out_type in OPT_OUT:
        found = with_own_phrases(meaning(text), text, own)
        return Heard(replace(found, intent=OPT_OUT[opt_out_type]), contacts, contacts, urgent=found.urgent)
    phone = _phone(contacts)
    named = whose.read(text, phone)
    meant = [contact for contact in contacts if named.patient in (None, contact.patient_id)]
    asked = open_questions.open_questions(meant, now)
    found = meaning(named.text, score_expected=open_questions.expects_a_number(asked))
    found = with_own_phrases(found, text, own)
    urgent = found.urgent or open_questions.is_high(found.score, asked)
    heard = Heard(found, contacts, meant, phone, urgent=urgent, asked=_asked_of(phone, contacts, now))
    if open_questions.is_ambiguous(named.text, found, meant, now):
        return replace(heard, meaning=Meaning(Intent.OTHER, signs=found.signs), stray=Answer.PAIN_OR_VISIT)
    if told := open_questions.answered_by(named.text, found, asked, now):
        return _told(heard, told)
    if found.intent == Intent.UNCLEAR_SCORE:  # of several questions: to ask for one number would not help
        found = replace(found, intent=Intent.OTHER)
    is_stray = found.intent in (Intent.OTHER, Intent.SCORE) and questionnaire.looks_like_an_answer(named.text)
    return replace(heard, meaning=found, stray=Answer.A_PERSON_READS if is_stray else None)


def _phone(contacts: list[Contact]) -> SharedPhone:
    """Nobody has to be named where a patient alone writes, as most do."""
    if len({contact.patient_id for contact in contacts}) < 2 and not any(map(_is_caregiver, contacts)):
        return SharedPhone()
    address = contacts[0].site_id, contacts[0].address
    people = shared_contacts.people([address]).get(address, [])
    return SharedPhone(initials.tags(people), several=initials.are_several(people))


def _is_caregiver(contact: Contact) -> bool:
    return contact.relationship == Relationship.CAREGIVER


def _asked_of(phone: SharedPhone, contacts: list[Contact], now: datetime) -> frozenset[int]:
    waiting = open_questions.open_questions(contacts, now) if phone.several else []
    return frozenset(question.contact.patient_id for question in waiting)


def _told(heard: Heard, told: AnsweredText) -> Heard:
    if told.answers is None:
        return replace(heard, meaning=replace(heard.meaning, intent=Intent.UNCLEAR_SCORE), told=told)
    score = Meaning(Intent.SCORE, score=told.answers.pain, signs=heard.meaning.signs)
    return replace(heard, meaning=score, told=told, urgent=heard.urgent or bool(lifecycle.seen_in(told)))


def addressed(answer: str, heard: Heard) -> str:
    """What is said back names whom it is about; where two are asked, also how the next answer must begin."""
    if heard.question is None:
        is_doubtful = heard.phone.several and not heard.urgent and (heard.is_anybodys or (heard.stray and heard.asked))
        tags = heard.phone.tags.values() if is_doubtful else []
        return begin(answer, tags, language=heard.contacts[0].language) if tags else answer
    contact = heard.question.contact
    if not heard.phone.several and not _is_caregiver(contact):
        return answer
    tag, clinic = heard.phone.tags.get(contact.patient_id, ""), heard.question.reminder.site.short_name
    said = say(answer, tag, clinic=clinic, language=contact.language)
    others = heard.asked - {contact.patient_id}
    return begin(said, [tag], language=contact.language) if others and not heard.urgent else said
