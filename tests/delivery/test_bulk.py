"""Rows written without model instances: on either database, and whatever a text or a provider may hold."""

from datetime import timedelta
from uuid import uuid4

import pytest

from reminders import bulk
from reminders.bulk import Among
from reminders.delivery.models import Attempt, Delivery, Report, Transition
from tests.delivery.sending import a_promise, opened

pytestmark = [pytest.mark.embedded, pytest.mark.django_db]

NASTY = ["it's", 'a "word"', "100 %s and %%", "back\\slash", "'); DROP TABLE reminders_delivery; --", "", "ñ 漢 😀"]


def an_attempt(delivery: Delivery, number: int = 1) -> Attempt:
    now = delivery.not_before
    rest = {"route": "twilio", "started_at": now, "lease_until": now + timedelta(minutes=2)}
    return Attempt.objects.create(delivery=delivery, number=number, **rest)


@pytest.mark.parametrize("text", NASTY)
def test_a_text_is_kept_as_it_is_whatever_it_holds(site, surgeon, text):
    one, other = (opened(a_promise(site, by=surgeon)) for _ in range(2))

    values = [(one.pk, text, 1), (other.pk, "another", 2)]
    bulk.update(Delivery, ("id", "text", "parts"), values, where={"state": "queued"}, language="es")

    kept = Delivery.objects.order_by("pk").values_list("text", "parts", "language", "state")
    assert list(kept) == [(text, 1, "es", "queued"), ("another", 2, "es", "queued")]


def test_what_is_not_any_more_as_it_must_be_is_left_alone(site, surgeon):
    delivery = opened(a_promise(site, by=surgeon))

    bulk.update(Delivery, ("id", "parts"), [(delivery.pk, 7)], where={"state": "claimed"})

    delivery.refresh_from_db()
    assert delivery.parts == 0


def test_what_is_not_named_is_as_the_model_has_it(site, surgeon):
    delivery = opened(a_promise(site, by=surgeon))
    now = delivery.not_before

    keys = bulk.insert(Transition, ("delivery_id", "until"), [(delivery.pk, now)], at=now, state="queued")

    kept = Transition.objects.get(pk__in=keys)
    assert (kept.delivery_id, kept.until, kept.at, kept.was, kept.code) == (delivery.pk, now, now, "", 0)


def test_a_key_of_letters_is_found_again(site, surgeon):
    delivery = opened(a_promise(site, by=surgeon))
    attempt, unknown = an_attempt(delivery), uuid4()

    bulk.update(Attempt, ("id", "provider_id"), [(attempt.pk, "SM1"), (unknown, "SM2")], where={})

    assert list(Attempt.objects.filter(Among("pk", [attempt.pk, unknown])).values_list("provider_id")) == [("SM1",)]
    assert not Attempt.objects.filter(Among("pk", [])).exists()


def test_the_same_evidence_twice_is_kept_once(site, surgeon):
    delivery = opened(a_promise(site, by=surgeon))
    pk, now = an_attempt(delivery).pk, delivery.not_before
    report = [(pk, pk, "SM1", "queued", 0)]

    for _ in range(2):
        columns = ("attempt_id", "attempt_ref", "provider_id", "status", "code")
        bulk.insert(Report, columns, report, once=True, source="answer", received_at=now)

    assert list(Report.objects.values_list("attempt", "status")) == [(pk, "queued")]


def test_nothing_is_written_where_there_is_nothing_to_write(django_assert_num_queries):
    with django_assert_num_queries(0):
        bulk.update(Delivery, ("id", "text"), [], where={})
        assert bulk.insert(Transition, ("delivery_id",), []) == []
