"""Two people press Save in the same moment: one is saved, the other is told, and nobody's words are overwritten."""

from concurrent.futures import ThreadPoolExecutor
from threading import Barrier

import pytest
from django.db import connection
from django.test import Client

from patients.models import StaffMember
from reminders.plan.models import StepText
from tests.given import a_site, a_staff_member
from tests.staff.admin_pages import change, draft_of, form_of
from tests.staff.people import signed_in
from tests.waiting import HUNG

MANY = 6


@pytest.mark.django_db(transaction=True)
@pytest.mark.skipif(connection.vendor != "postgresql", reason="SQLite lets one writer in at a time")
def test_of_those_who_save_at_the_same_instant_one_is_saved_and_the_others_are_told():
    site = a_site()
    step = draft_of(site, "vertebroplasty").steps.get(code="walk-today")
    people: list[StaffMember] = [a_staff_member(site) for _ in range(MANY)]
    clients, start = [signed_in(one) for one in people], Barrier(MANY)
    forms = [
        form_of(client, change(step)) | {"sms_en": f"{{clinic}}: Walk, says {number}."}
        for number, client in enumerate(clients)
    ]

    def save(who: tuple[Client, dict[str, str]]) -> int:
        client, form = who
        start.wait(timeout=HUNG)
        try:
            return client.post(change(step), form).status_code
        finally:
            connection.close()

    with ThreadPoolExecutor(MANY) as pool:
        statuses = list(pool.map(save, zip(clients, forms, strict=True)))

    assert sorted(statuses) == [200] * (MANY - 1) + [302]
    saved = StepText.objects.get(step=step, language="en").sms
    assert saved == forms[statuses.index(302)]["sms_en"]
