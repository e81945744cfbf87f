"""Three people and their doors: the owner, a colleague, a stranger from another site."""

from collections.abc import Callable, Iterator
from datetime import timedelta
from typing import Any

import pytest
from django.core.cache import cache
from knox.models import AuthToken
from rest_framework.test import APIClient

from patients import clock, therapy_sessions
from patients.models import Site, StaffMember, Surgery
from patients.models.staff import Role
from reminders.replies.models import CheckIn
from tests import given


@pytest.fixture(autouse=True)
def fresh_counters(settings: Any) -> Iterator[None]:
    """No tries counted yet; passwords hashed fast, for none of them protects anybody."""
    settings.PASSWORD_HASHERS = ["django.contrib.auth.hashers.MD5PasswordHasher"]
    cache.clear()
    yield
    cache.clear()


@pytest.fixture
def site(db: None) -> Site:
    return given.a_site()


@pytest.fixture
def owner(site: Site) -> StaffMember:
    """The surgeon who operates."""
    return given.a_staff_member(site, username="ida.hale")


@pytest.fixture
def colleague(site: Site) -> StaffMember:
    """Reception at the same site."""
    return given.a_staff_member(site, Role.RECEPTION, username="ray.moss")


@pytest.fixture
def stranger(db: None) -> StaffMember:
    """A surgeon of another site."""
    return given.a_staff_member(given.a_site("lakeside"), username="una.stark")


@pytest.fixture
def surgery(site: Site, owner: StaffMember) -> Surgery:
    """Yesterday's, so that most of the plan still lies ahead; with a check-in and a session of therapy."""
    now = clock.now()
    surgery = given.an_enrolment(site, by=owner, now=now, date=site.today(now) - timedelta(days=1))
    reminder = surgery.reminders.filter(step__kind="check_in").order_by("due_at")[0]
    CheckIn.objects.create(site=site, surgery=surgery, reminder=reminder, asked_at=now)
    therapy_sessions.write_session(surgery, day=site.today(now), state="attended", by=owner, now=now)
    return surgery


@pytest.fixture
def as_(db: None) -> Callable[[StaffMember], APIClient]:
    """A client that sends this person's token, as another system would."""

    def client(staff: StaffMember) -> APIClient:
        _, token = AuthToken.objects.create(user=staff)
        return APIClient(HTTP_AUTHORIZATION=f"Bearer {token}")

    return client
