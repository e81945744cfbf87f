"""Whether a text is answered at once, and in which words. The answer rides back in the provider's own request
(docs/adr/0020): no queue can double or delay it, and the same message id is given the same words again.
"""

from datetime import datetime, timedelta

from patients import phones
from patients.models import Contact, Site
from patients.models.contact import Relationship
from reminders.delivery.models import SaidBack
from reminders.delivery.receipts.code_actions import hushed
from reminders.plan.wording.name_prefix import begin, say
from reminders.replies import visit_answers
from reminders.replies.alerts import raising, staffed_hours
from reminders.replies.alerts.staffed_hours import Hours
from reminders.replies.autoreply_texts import Answer, said
from reminders.replies.checkins import lifecycle
from reminders.replies.interpret import Heard
from reminders.replies.models import Intent, Reply
from reminders.replies.models.alert import Level
from reminders.replies.parsing import redflags

AT_MOST_ONE_IN = timedelta(hours=1)  # of one phone: two machines must not talk to each other (14107, 30039)
AT_ONCE = ("webhook", "page")  # what is found hours later is not answered
FOR_A_PERSON = (Intent.YES, Intent.CANNOT_COME, Intent.NEW_TIME, Intent.CALL_ME)  # a yes to a visit that is not there


def say_back(reply: Reply, heard: Heard) -> str:
    """Keep the answer with the text, and return it; empty: there is none. Call it once the text has been acted on."""
    told_by = {"withdrawn": heard.had_refused, "by_provider": heard.meaning.provider_answers}
    words = lifecycle.said_back(reply, heard.told, **told_by)
    acknowledged = None if words else visit_answers.acknowledge(reply, heard)
    words = words or (answer(reply, heard) if acknowledged is None else acknowledged)
    if words:
        reply.answer = acknowledged or addressed(words, heard)
        reply.save(update_fields=["answer"])
        _count(reply, heard.contacts)
    return reply.answer


def answer(reply: Reply, heard: Heard) -> str:
    """The words for a text that no check-in answers; empty: nothing is said."""
    if reply.site is None or reply.source not in AT_ONCE:
        return ""
    level = level_of(heard)
    hours = raising.hours(reply.site)
    kind = _kind(heard, level)
    if kind is None and heard.contacts and not heard.had_refused and not heard.meaning.provider_answers:
        kind = _stray(heard, reply)
    if kind in BY_DAY and not staffed_hours.is_staffed(reply.received_at, hours):
        kind = Answer.NOBODY_READS
    if kind is None or any(hushed(contact.pk) for contact in heard.contacts):
        return ""
    if _answered_lately(reply, kind, level if kind in URGENT else ""):
        return ""
    return _words(kind, reply.site, heard.contacts, level, reply.received_at, hours)


def level_of(heard: Heard) -> str:
    """E or D; empty: nothing is urgent. An urgent text without a sign in words is a high score: class D."""
    return redflags.level(heard.meaning.signs) or (Level.D if heard.urgent else "")


BY_DAY = (Answer.CALL_TODAY, Answer.KEPT)  # where nobody is there, that is said instead
URGENT = (Answer.EMERGENCY, Answer.CALL_TODAY, Answer.NOBODY_READS, Answer.SAFETY_TO_ANYBODY)


def _kind(heard: Heard, level: str) -> Answer | None:
    by_provider, intent = heard.meaning.provider_answers, heard.meaning.intent
    if not heard.contacts:  # a number nobody knows learns nothing about the clinic
        return Answer.SAFETY_TO_ANYBODY if level and not by_provider else None
    if level == Level.E:  # even after a refusal: docs/alerts.md says why
        return Answer.EMERGENCY
    if by_provider:
        return None
    if intent == Intent.HELP:
        return Answer.HELP
    if heard.had_refused:  # nothing else is answered then, not even another refusal
        return None
    if intent == Intent.STOP:
        return Answer.STOPPED
    if level:
        return Answer.CALL_TODAY
    return Answer.ONE_NUMBER if intent == Intent.UNCLEAR_SCORE else None


def _stray(heard: Heard, reply: Reply) -> Answer | None:
    """What is said where nothing else is. No list knows all words for an emergency: own words get the number too."""
    if heard.stray or heard.told:
        return heard.stray
    if heard.is_anybodys and not reply.effect:
        return Answer.A_PERSON_READS
    if any(contact.held_since for contact in heard.contacts):  # perhaps a refusal, and nobody has decided
        return None
    intent = heard.meaning.intent
    is_left = intent in FOR_A_PERSON and not reply.effect
    return Answer.KEPT if is_left or (intent == Intent.OTHER and heard.meaning.is_own_words) else None


def _answered_lately(reply: Reply, kind: Answer, level: str) -> bool:
    """Neither help nor a safety answer counts the others, nor an emergency's the calmer ones: each once an hour."""
    since: datetime = reply.received_at - AT_MOST_ONE_IN
    before = Reply.objects.filter(site=reply.site, from_address=reply.from_address, received_at__gt=since)
    before = before.exclude(pk=reply.pk).exclude(answer="").exclude(intent=Intent.SCORE)  # a check-in's questions
    before = before.exclude(visit_answers.ACKNOWLEDGED)
    if kind == Answer.HELP:
        return before.filter(intent=Intent.HELP).exists()
    if level == Level.E:
        return before.filter(cause__level=Level.E).exists()
    if kind == Answer.STOPPED:  # after it there is silence anyway
        return False
    if kind == Answer.ONE_NUMBER:  # their question waits for it: small talk before it must not cost it
        before = before.exclude(intent=Intent.OTHER)
    return (before.filter(is_urgent=True) if level else before).exists()


def _words(kind: Answer, site: Site, contacts: list[Contact], level: str, now: datetime, hours: Hours) -> str:
    return said(
        kind,
        languages=[contact.language for contact in contacts] + list(site.languages),
        clinic=site.short_name,
        phone=phones.spoken(str(site.phone)),
        emergency=site.emergency_number,
        now=now.astimezone(site.zone),
        opens=staffed_hours.opening(now, hours).astimezone(site.zone),
        own=raising.own_words(site, level, kind) if kind in OWN_WORDS else None,
    )


OWN_WORDS = (Answer.EMERGENCY, Answer.CALL_TODAY, Answer.NOBODY_READS)


def addressed(answer: str, heard: Heard) -> str:
    """What is said back names whom it is about; where two are asked, also how the next answer must begin."""
    if heard.told is None:
        is_doubtful = heard.phone.several and not heard.urgent and (heard.is_anybodys or (heard.stray and heard.asked))
        tags = heard.phone.tags.values() if is_doubtful else []
        return begin(answer, tags, language=heard.contacts[0].language) if tags else answer
    question = heard.told.question
    contact = question.contact
    if not heard.phone.several and contact.relationship != Relationship.CAREGIVER:
        return answer
    tag, clinic = heard.phone.tags.get(contact.patient_id, ""), question.reminder.site.short_name
    said = say(answer, tag, clinic=clinic, language=contact.language)
    others = heard.asked - {contact.patient_id}
    return begin(said, [tag], language=contact.language) if others and not heard.urgent else said


def _count(reply: Reply, contacts: list[Contact]) -> None:
    """An answer is a text too: it takes a place in the limits of its number, and is itself never held for them."""
    if reply.site:
        SaidBack.objects.create(site=reply.site, contact=next(iter(contacts), None), at=reply.received_at)
