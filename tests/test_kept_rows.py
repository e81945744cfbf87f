"""The beginning that tests share is put back as the product's own action writes it."""

import pytest
from django.db import connection, transaction

from patients.models import Procedure, Site
from reminders.plan.files.document_rows import document_of
from reminders.plan.models import ProtocolVersion
from tests import given, kept_rows

pytestmark = [pytest.mark.django_db, pytest.mark.processes]


def seaside() -> dict[str, object]:
    """All that stands in the database once this site is open; taken away again."""
    with transaction.atomic():
        site = given.a_site("seaside")
        site.refresh_from_db()
        found = {
            "site": {field.name: getattr(site, field.name) for field in Site._meta.fields if field.name != "id"},
            "rows": {table: count for table, (count, _) in kept_rows._marks(kept_rows._keys()).items()},
            "documents": [document_of(version) for version in ProtocolVersion.objects.order_by("protocol__code")],
            "defaults": sorted(site.default_protocols.values_list("procedure__code", "protocol__code")),
            "closed": list(site.closed_days.order_by("date").values_list("date", "name")),
        }
        connection.check_constraints()
        transaction.set_rollback(True)
    return found


def test_a_site_that_is_put_back_is_the_one_that_was_opened():
    opened, watched, put_back = seaside(), seaside(), seaside()

    assert watched == opened
    assert put_back == opened


def test_what_is_put_back_is_the_same_row_by_row():
    """Were it opened anew, it would have other numbers."""
    keys = set()
    for _ in range(4):
        with transaction.atomic():
            keys.add(given.a_site("cliffside").pk)
            transaction.set_rollback(True)

    assert len(keys) == 2


def test_a_site_is_opened_anew_where_other_rows_came_first():
    for _ in range(3):
        seaside()
    own = Procedure.objects.create(code="miss", name="Our own", family="base")

    site = given.a_site("seaside")

    assert site.default_protocols.get(procedure=own).protocol.code == "miss-base"


def test_no_key_is_given_twice_where_a_flush_began_to_count_anew():
    for _ in range(2):
        seaside()
    with connection.cursor() as cursor:
        cursor.execute("ALTER SEQUENCE patients_site_id_seq RESTART")

    put_back = given.a_site("seaside")

    assert given.a_site("hillside").pk > put_back.pk
