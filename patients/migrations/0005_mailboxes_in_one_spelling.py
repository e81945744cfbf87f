"""An e-mail address is kept in small letters: a patient could have one mailbox twice, and hear everything twice."""

from typing import Any

from django.db import migrations
from django.db.models import F
from django.db.models.functions import Lower, Now

import patients.models.mailbox


def spell(apps: Any, _editor: Any) -> None:
    """Where a patient has both, the one they agreed to stays in use (else the older), and the other is ended."""
    contacts = apps.get_model("patients", "Contact").objects
    other = contacts.exclude(email="").exclude(email=Lower("email"))
    patients = other.filter(ended_at=None).values("patient")
    kept: set[tuple[int, str]] = set()
    for contact in sorted(contacts.filter(patient__in=patients, ended_at=None).exclude(email=""), key=_order):
        mailbox = contact.patient_id, contact.email.lower()
        if mailbox in kept:
            contacts.filter(pk=contact.pk).update(ended_at=Now())
        kept.add(mailbox)
    other.update(email=Lower(F("email")))


def _order(contact: Any) -> tuple[bool, int]:
    latest = contact.consent_events.order_by("-pk").first()
    return latest is None or latest.kind != "given", contact.pk


class Migration(migrations.Migration):
    dependencies = [("patients", "0004_words_of_the_message_budget")]

    operations = [
        migrations.RunPython(spell, migrations.RunPython.noop),
        migrations.AlterField(
            model_name="contact",
            name="email",
            field=patients.models.mailbox.MailboxField(blank=True, max_length=254),
        ),
    ]
