"""Whether a text is answered at once, and in which words. The answer rides back in the provider's own request
(docs/adr/0020): no queue can double or delay it, and the same message id is given the same words again.
"""

from datetime import datetime, timedelta

from patients import phones
from patients.consent import Kind
from patients.models import Contact, Site
from reminders.delivery.news.heeding import hushed
from reminders.replies import words
from reminders.replies.meaning import Intent, Meaning
from reminders.replies.models import Reply
from reminders.replies.said import Answer, said

AT_MOST_ONE_IN = timedelta(hours=1)  # of one phone: two machines must not talk to each other (14107, 30039)
AT_ONCE = ("webhook", "page")  # what is found hours later is not answered


def answer(reply: Reply, found: Meaning, contacts: list[Contact], *, withdrawn: bool, by_provider: bool) -> str:
    """`withdrawn`: they had refused before this text. `by_provider`: it answers this keyword itself."""
    kind = _kind(reply, found, contacts, withdrawn=withdrawn, by_provider=by_provider)
    if kind is None or reply.site is None or reply.source not in AT_ONCE:
        return ""
    if any(hushed(contact.pk) for contact in contacts) or _answered_lately(reply, urgent=kind in URGENT):
        return ""
    return _words(kind, reply.site, contacts)


URGENT = (Answer.SAFETY, Answer.SAFETY_TO_ANYBODY)


def _kind(
    reply: Reply, found: Meaning, contacts: list[Contact], *, withdrawn: bool, by_provider: bool
) -> Answer | None:
    if by_provider:
        return None
    if not contacts:  # a number nobody knows learns nothing about the clinic
        return Answer.SAFETY_TO_ANYBODY if reply.is_urgent else None
    if found.intent == Intent.HELP:
        return Answer.HELP
    if withdrawn:  # after a refusal nothing but HELP is answered, not even another refusal
        return None
    if found.intent == Intent.STOP:
        return Answer.STOPPED
    if reply.is_urgent:
        return Answer.SAFETY
    return Answer.ONE_NUMBER if found.intent == Intent.UNCLEAR_SCORE else None


def _answered_lately(reply: Reply, *, urgent: bool) -> bool:
    """A safety answer does not count the others: it comes once an hour whatever was said before."""
    since: datetime = reply.received_at - AT_MOST_ONE_IN
    before = Reply.objects.filter(site=reply.site, from_address=reply.from_address, received_at__gt=since)
    before = before.exclude(pk=reply.pk).exclude(answer="")
    return (before.filter(is_urgent=True) if urgent else before).exists()


def _words(kind: Answer, site: Site, contacts: list[Contact]) -> str:
    return said(
        kind,
        languages=[contact.language for contact in contacts] + list(site.languages),
        clinic=site.short_name,
        phone=phones.spoken(str(site.phone)),
        emergency=site.emergency_number,
    )


def has_refused(contacts: list[Contact]) -> bool:
    kinds = Contact.objects.filter(pk__in=[contact.pk for contact in contacts]).with_consent()
    return bool(contacts) and all(contact.consent_kind == Kind.WITHDRAWN for contact in kinds)


def provider_answers(text: str, opt_out: str) -> bool:
    """It acts on its own keywords when they are the whole text, and answers them itself."""
    return bool(opt_out) or text.strip().casefold() in words.known().set("provider_stops")
