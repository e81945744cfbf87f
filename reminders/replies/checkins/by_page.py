"""Answers on the patient's page that no check-in takes any more: kept like a text, for a person to read."""

from datetime import datetime
from hashlib import sha256
from typing import Any

from django.db import transaction

from patients import audit
from patients.models import Contact, Surgery
from reminders.replies.alerts import raising
from reminders.replies.checkins import lifecycle
from reminders.replies.models import Intent, Reply
from reminders.replies.parsing import questionnaire
from reminders.replies.parsing.questionnaire import Answers


@transaction.atomic
def keep(surgery: Surgery, answers: Answers, *, key: str, why: str, contact: Contact | None, now: datetime) -> Reply:
    """`key`: of the check-in the page was opened with. The same answers again on the same day find the first reply.

    `why` tells staff what was the matter. What must not wait raises an alert, as any answer does.
    """
    signs = questionnaire.seen(answers, last_pain=None)
    facts: dict[str, Any] = {
        "site": surgery.site,
        "contact": contact,
        "from_address": contact.address[:64] if contact else "page",
        "to_address": "page",
        "text": f"My answers: {lifecycle.in_words(answers)}. ({why}, on the patient's page)",
        "intent": Intent.OTHER,
        "is_urgent": bool(signs),
        "received_at": now,
        "source": "page",
    }
    reply, new = Reply.objects.get_or_create(provider_id=_id(surgery, key, answers, now), defaults=facts)
    if new and signs:
        raising.raise_alert(site=surgery.site, surgery=surgery, contact=contact, reply=reply, now=now,
                             level=signs[0][0], signs=[sign for _, sign in signs])  # fmt: skip
    if new:
        audit.record("said on the page, to be read", of=surgery.patient, by=None, now=now)
    return reply


def _id(surgery: Surgery, key: str, answers: Answers, now: datetime) -> str:
    said = f"{surgery.pk}|{key}|{answers}|{surgery.site.today(now)}"
    return f"page-answers-{sha256(said.encode()).hexdigest()[:32]}"
