"""Whether a text is answered at once, and in which words. The answer rides back in the provider's own request
(docs/adr/0020): no queue can double or delay it, and the same message id is given the same words again.
"""

from datetime import datetime, timedelta

from patients import phones
from patients.consent import ConsentKind
from patients.models import Contact, Site
from reminders.delivery.receipts.code_actions import hushed
from reminders.replies.alerts import raising, staffed_hours
from reminders.replies.alerts.staffed_hours import Hours
from reminders.replies.autoreply_texts import Answer, said
from reminders.replies.models import Reply
from reminders.replies.models.alert import Level
from reminders.replies.parsing import lexicon, redflags
from reminders.replies.parsing.meaning import Intent, Meaning

AT_MOST_ONE_IN = timedelta(hours=1)  # of one phone: two machines must not talk to each other (14107, 30039)
AT_ONCE = ("webhook", "page")  # what is found hours later is not answered


def answer(
    reply: Reply,
    found: Meaning,
    contacts: list[Contact],
    *,
    withdrawn: bool,
    by_provider: bool,
    stray: Answer | None = None,
) -> str:
    """`withdrawn`: they had refused before this text. `by_provider`: it answers this keyword itself.

    `stray`: what to say where there is nothing else to.
    """
    if reply.site is None or reply.source not in AT_ONCE:
        return ""
    level = level_of(reply, found)
    hours = raising.hours(reply.site)
    kind = _kind(found, contacts, level, withdrawn=withdrawn, by_provider=by_provider)
    if kind is None and contacts and not withdrawn and not by_provider:
        kind = stray
    if kind in BY_DAY and not staffed_hours.is_staffed(reply.received_at, hours):
        kind = Answer.NOBODY_READS
    if kind is None or any(hushed(contact.pk) for contact in contacts):
        return ""
    if _answered_lately(reply, kind, level if kind in URGENT else ""):
        return ""
    return _words(kind, reply.site, contacts, level, reply.received_at, hours)


def level_of(reply: Reply, found: Meaning) -> str:
    """An urgent text without a sign in words is a high score: pain that the team must hear about today."""
    return redflags.level(found.signs) or (Level.D if reply.is_urgent else "")


BY_DAY = (Answer.CALL_TODAY, Answer.KEPT)  # where nobody is there, that is said instead
URGENT = (Answer.EMERGENCY, Answer.CALL_TODAY, Answer.NOBODY_READS, Answer.SAFETY_TO_ANYBODY)


def _kind(found: Meaning, contacts: list[Contact], level: str, *, withdrawn: bool, by_provider: bool) -> Answer | None:
    if not contacts:  # a number nobody knows learns nothing about the clinic
        return Answer.SAFETY_TO_ANYBODY if level and not by_provider else None
    if level == Level.E:  # even after a refusal: docs/alerts.md says why
        return Answer.EMERGENCY
    if by_provider:
        return None
    if found.intent == Intent.HELP:
        return Answer.HELP
    if withdrawn:  # nothing else is answered then, not even another refusal
        return None
    if found.intent == Intent.STOP:
        return Answer.STOPPED
    if level:
        return Answer.CALL_TODAY
    return Answer.ONE_NUMBER if found.intent == Intent.UNCLEAR_SCORE else None


def _answered_lately(reply: Reply, kind: Answer, level: str) -> bool:
    """Neither help nor a safety answer counts the others, nor an emergency's the calmer ones: each once an hour."""
    since: datetime = reply.received_at - AT_MOST_ONE_IN
    before = Reply.objects.filter(site=reply.site, from_address=reply.from_address, received_at__gt=since)
    before = before.exclude(pk=reply.pk).exclude(answer="").exclude(intent=Intent.SCORE)  # a check-in's questions
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


def has_refused(contacts: list[Contact]) -> bool:
    kinds = Contact.objects.filter(pk__in=[contact.pk for contact in contacts]).with_consent()
    return bool(contacts) and all(contact.consent_kind == ConsentKind.WITHDRAWN for contact in kinds)


def provider_answers(text: str, opt_out_type: str) -> bool:
    """It acts on its own keywords when they are the whole text, and answers them itself."""
    return bool(opt_out_type) or text.strip().casefold() in lexicon.known().set("provider_stops")
