"""What tests of the enrolment page share: three people at a site with a signed protocol, and a form filled in well."""

import re

import pytest
from django.test import Client

from patients import clock
from patients.models import Procedure
from tests.given import a_signed_version
from tests.staff.people import signed_in, three_people

ENROL, PREVIEW = "/staff/enrol/", "/staff/enrol/preview/"


@pytest.fixture
def people():
    people = three_people()
    a_signed_version(people.site, by=people.owner)
    return people


@pytest.fixture
def surgeon(people) -> Client:
    return signed_in(people.owner)


def typed(people, **changed: str) -> dict[str, str]:
    """A form filled in well, but for what is changed."""
    values = {
        "key": "form-1",
        "site": str(people.site.pk),
        "number": "A-500",
        "birth_date": "1960-05-04",
        "given_name": "Tom",
        "family_name": "Berg",
        "language": "en",
        "phone-address": "202 555 0131",
        "phone-consent": "on",
        "phone-source": "paper",
        "phone-wording": "I agree to texts.",
        "procedure": str(Procedure.objects.get(code="miss").pk),
        "surgeon": str(people.owner.pk),
        "date": f"{people.site.today(clock.now())}",
        "physical_therapy": "undecided",
        "job": "desk",
        "version": "",
    }
    return {name: value for name, value in (values | changed).items() if value is not None}


def text(response) -> str:
    return re.sub(r"\s+", " ", response.content.decode())
