"""The last line of defence: what two processes at once could still do wrong, the database refuses."""

import pytest
from django.db import IntegrityError

from reminders.delivery.models import Attempt, Delivery
from reminders.replies.models import Reply
from tests import given
from tests.delivery.sending import a_promise, claimed, opened


def test_a_second_delivery_of_one_reminder_to_one_contact(site, surgeon):
    first = opened(a_promise(site, by=surgeon))
    values = {name: getattr(first, name) for name in ("site", "reminder", "contact", "channel", "not_before")}

    with pytest.raises(IntegrityError, match=r"one_delivery_per_contact|delivery\.reminder_id"):
        Delivery.objects.create(**values, useful_until=first.useful_until)


def test_one_message_of_the_provider_for_two_attempts(site, surgeon):
    attempts = [claimed(a_promise(site, by=surgeon)).jobs[0].attempt for _ in range(2)]
    Attempt.objects.filter(pk=attempts[0]).update(provider_id="SM1")

    with pytest.raises(IntegrityError, match=r"one_attempt_per_provider_id|attempt\.provider_id"):
        Attempt.objects.filter(pk=attempts[1]).update(provider_id="SM1")


def test_one_text_of_a_patient_twice(db):
    values = {"provider_id": "SM1", "from_address": given.phone(1), "to_address": given.phone(2), "intent": "other"}
    Reply.objects.create(**values, received_at=given.NOW)

    with pytest.raises(IntegrityError, match="provider_id"):
        Reply.objects.create(**values, received_at=given.NOW)
