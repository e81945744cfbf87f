"""Twenty times the same request in the same moment: one patient, one surgery, twenty equal answers."""

from concurrent.futures import ThreadPoolExecutor
from threading import Barrier

import pytest
from django.db import connection
from rest_framework.test import APIClient

from patients.models import Patient, Surgery
from tests import given
from tests.api.test_patients import a_body
from tests.waiting import HUNG

MANY = 20


@pytest.mark.django_db(transaction=True)
@pytest.mark.skipif(connection.vendor != "postgresql", reason="SQLite lets one writer in at a time")
def test_twenty_equal_requests_at_once_enrol_once(site, owner, colleague, as_):
    version = given.a_signed_version(site, by=owner)
    body = {"new_patient": a_body(), "procedure": "miss", "surgeon": owner.pk, "date": "2026-03-02"}
    clients, start = [as_(colleague) for _ in range(MANY)], Barrier(MANY)

    def enrol(client: APIClient) -> tuple[int, dict[str, object]]:
        start.wait(timeout=HUNG)
        try:
            answer = client.post("/api/v1/surgeries/", body, HTTP_IDEMPOTENCY_KEY="order-1")
            return answer.status_code, answer.json()
        finally:
            connection.close()

    with ThreadPoolExecutor(MANY) as pool:
        answers = list(pool.map(enrol, clients))

    assert {status for status, _ in answers} == {201}
    assert all(answer == answers[0][1] for _, answer in answers)
    assert Patient.objects.count() == Surgery.objects.count() == 1
    assert Surgery.objects.get().care_plan.version == version


@pytest.mark.django_db(transaction=True)
@pytest.mark.skipif(connection.vendor != "postgresql", reason="SQLite lets one writer in at a time")
def test_one_number_registered_at_once_is_one_patient(site, colleague, as_):
    clients, start = [as_(colleague) for _ in range(8)], Barrier(8)

    def register(client: APIClient) -> int:
        start.wait(timeout=HUNG)
        try:
            return client.post("/api/v1/patients/", a_body()).status_code
        finally:
            connection.close()

    with ThreadPoolExecutor(8) as pool:
        answers = sorted(pool.map(register, clients))

    assert answers == [201] + [409] * 7
    assert Patient.objects.count() == 1
