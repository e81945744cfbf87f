"""A draft to edit and one of its steps, the addresses of the protocol editor, and a file to bring in."""

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.urls import reverse

from reminders.plan import library
from reminders.plan.models import ProtocolVersion, Step
from tests.staff.admin_pages import draft_of
from tests.staff.people import ThreePeople

SHIPPED = (library.HERE / "vertebroplasty.yaml").read_bytes()


@pytest.fixture
def draft(people: ThreePeople) -> ProtocolVersion:
    return draft_of(people.site, "vertebroplasty")


@pytest.fixture
def step(draft: ProtocolVersion) -> Step:
    return draft.steps.get(code="walk-today")


def url(name: str, row) -> str:
    return reverse(f"admin:reminders_{name}", args=[row.pk])


def upload(data: bytes = SHIPPED) -> SimpleUploadedFile:
    return SimpleUploadedFile("ours.yaml", data, "application/yaml")
