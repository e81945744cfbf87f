"""Taking rows of patients at one clinic, and reading from the report and the tables what became of them."""

from datetime import date

import pytest

from clinic.exchange import patient_import
from clinic.exchange.contact_import import Agreed
from clinic.exchange.import_rows import IncomingPatient, Place
from patients.models import Contact
from tests.given import NOW, a_site, a_staff_member, phone

AGREED = Agreed("I agree to get care messages.", "import")


@pytest.fixture
def site():
    return a_site()


@pytest.fixture
def by(site):
    return a_staff_member(site, "surgeon")


def a_row(line=2, **facts):
    values = {"number": "A-1", "given_name": "Ana", "family_name": "Ruiz", "birth_date": date(1965, 4, 2)}
    return IncomingPatient(Place(line), **(values | {"language": "en", "phones": (phone(10),)} | facts))


def take(*rows, site, by, **options):
    return patient_import.take(rows, site=site, by=by, now=NOW, **options)


def outcomes(report):
    return [row.outcome.value for row in report.rows]


def whys(row):
    return [fault.why for fault in (*row.faults, *row.warnings)]


def consent_of(contact):
    return Contact.objects.with_consent().get(pk=contact.pk).consent_kind
