"""A site's hours change while a plan of it is being laid out: no plan keeps the old ones. On real PostgreSQL."""

from concurrent.futures import ThreadPoolExecutor
from datetime import time
from threading import Event

import pytest
from django.db import connection, transaction

from patients.models import Site, Surgery
from reminders import actions
from reminders.plan import planning
from reminders.plan.models import CarePlan
from tests.given import NOW
from tests.waiting import HUNG, until

pytestmark = [pytest.mark.processes, pytest.mark.django_db(transaction=True)]


def test_who_lays_out_while_the_hours_change_waits_and_sees_the_new_ones(site, surgeon, surgery):
    began = Event()
    with ThreadPoolExecutor(1) as threads:
        with transaction.atomic():
            later(site, by=surgeon)
            laying = threads.submit(lay_out, surgery, began)
            began.wait(HUNG)
            wait_for_a_lock()
        laying.result(timeout=HUNG)

    assert earliest(surgery) >= time(15)
    assert CarePlan.objects.get(surgery=surgery).laid_out_until > site.today(NOW)


def test_who_changes_the_hours_meanwhile_waits_and_the_plan_is_laid_out_again(site, surgeon, surgery):
    with ThreadPoolExecutor(1) as threads:
        with transaction.atomic():
            planning.sync(surgery, now=NOW)
            changing = threads.submit(in_thread, lambda: later(site, by=surgeon))
            wait_for_a_lock()
        changing.result(timeout=HUNG)

    assert CarePlan.objects.get(surgery=surgery).laid_out_until == site.today(NOW)


def later(site: Site, *, by) -> None:
    site.send_from = time(15)
    actions.change_site(site, by=by, now=NOW, changed=["send_from"])


def lay_out(surgery: Surgery, began: Event) -> None:
    began.set()
    in_thread(lambda: planning.sync(surgery, now=NOW))


def in_thread(work) -> None:
    try:
        work()
    finally:
        connection.close()


def wait_for_a_lock() -> None:
    """Until somebody waits for what this transaction holds."""
    ask = "SELECT FROM pg_locks WHERE NOT granted AND pg_backend_pid() = ANY(pg_blocking_pids(pid))"
    with connection.cursor() as cursor:
        until(lambda: cursor.execute(ask) or cursor.rowcount, what="somebody waits for a lock")


def earliest(surgery: Surgery) -> time:
    zone = surgery.site.zone
    ahead = surgery.reminders.filter(due_at__gt=NOW, status="planned")
    return min(row.due_at.astimezone(zone).time() for row in ahead)
