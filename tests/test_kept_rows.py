"""The beginning that tests share is put back as the product's own actions write it."""

from collections.abc import Callable
from datetime import time

import pytest
from django.apps import apps
from django.db import connection, transaction

from patients.models import Procedure, Surgery
from tests import given, kept_rows

pytestmark = [pytest.mark.django_db, pytest.mark.processes]
DRAWN = {"password", "date_joined", "link"}  # by chance or from the clock, each time anew
Rows = dict[str, list[dict[str, object]]]


def seaside(meanwhile: Callable[[], object] = lambda: None) -> Rows:
    """All that stands in the database once a patient is enrolled at a new site; taken away again."""
    given.number_from(1)
    with transaction.atomic():
        kept_rows.begin()
        site = given.a_site("seaside")
        surgeon = given.a_staff_member(site)
        meanwhile()
        surgery = given.an_enrolment(site, by=surgeon)
        assert (surgery.site, surgery.surgeon) == (site, surgeon)
        assert surgery.site is site
        found = all_rows()
        connection.check_constraints()
        transaction.set_rollback(True)
    return found


def all_rows() -> Rows:
    return {
        model._meta.label: [
            {name: value for name, value in row.items() if name not in DRAWN}
            for row in model._base_manager.order_by("pk").values()
        ]
        for model in apps.get_models()
    }


def test_what_is_put_back_is_the_same_row_by_row():
    first, *again = [seaside() for _ in range(5)]

    assert len(first["reminders.Reminder"]) > 50
    for one in again:
        assert one == first


def test_a_plan_is_worked_out_anew_where_something_else_was_written_first():
    def nights() -> None:
        Surgery.objects.update(job="desk")
        given.Site.objects.update(send_from=time(11), send_until=time(12))

    plain, changed, *again = [seaside(), *(seaside(nights) for _ in range(4))]

    assert changed["reminders.Reminder"] != plain["reminders.Reminder"]
    for one in again:
        assert one == changed
    assert seaside() == plain


def test_a_site_is_opened_anew_where_other_rows_came_first():
    for _ in range(3):
        seaside()
    own = Procedure.objects.create(code="miss", name="Our own", family="base")

    site = given.a_site("seaside")

    assert site.default_protocols.get(procedure=own).protocol.code == "miss-base"


def test_a_plan_is_worked_out_anew_where_rows_before_it_were_rolled_back():
    for _ in range(3):
        seaside()
    kept_rows.begin()
    with transaction.atomic():
        given.a_site("seaside")
        transaction.set_rollback(True)

    surgeon = given.a_staff_member(given.a_site("seaside"))

    assert [one.site.code for one in surgeon.memberships.all()] == ["seaside"]


def test_no_key_is_given_twice_after_what_was_put_back():
    for _ in range(3):
        seaside()

    assert given.a_site("hillside").pk != given.a_site("cliffside").pk
