"""The import page in a real browser takes what clinics have: a FHIR export, Synthea's CSV, Excel, a file from a Mac."""

import json

import openpyxl
import pytest
import time_machine
from django.urls import reverse
from playwright.sync_api import Page, expect

from clinic import import_tasks
from clinic.exchange import import_runs
from patients.models import Contact, ImportRun, Patient
from tests.exchange.whole_sets import HERE, SHARED
from tests.given import NOW, a_site, a_staff_member, phone
from tests.staff.browsing import fits, sign_in

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]


@pytest.fixture(autouse=True)
def clock():
    with time_machine.travel(NOW, tick=True):
        yield


@pytest.fixture
def page(live_server, browser_page: Page, monkeypatch) -> Page:
    """A manager on the import page; no worker runs here."""
    monkeypatch.setattr(import_tasks, "ring", lambda _pk: None)
    page = sign_in(browser_page, live_server.url, a_staff_member(a_site(), "manager"))
    page.goto(live_server.url + reverse("staff:imports"))
    return page


def upload(page: Page, path) -> None:
    page.get_by_role("link", name="Import another file").or_(page.get_by_label("File")).first.wait_for()
    if page.get_by_role("link", name="Import another file").is_visible():
        page.get_by_role("link", name="Import another file").click()
    page.get_by_label("File").set_input_files(path)
    page.get_by_role("button", name="Upload").click()


def finish(page: Page, aside, button: str = "Import") -> None:
    page.get_by_role("button", name=button, exact=True).click()
    expect(page.get_by_role("button", name="Stop")).to_be_visible()
    run = ImportRun.objects.latest("pk")
    aside(import_runs.work, run.pk, clock=lambda: NOW)


def a_bundle():
    """The published export as one Bundle, as Synthea writes it too."""
    whole = SHARED / "synthea-100-patients" / "Patient.000.ndjson"
    source = whole if whole.exists() else HERE / "Patient.synthea-6.ndjson"
    patients = [json.loads(line) for line in source.read_text().splitlines() if line]
    return {"resourceType": "Bundle", "type": "collection", "entry": [{"resource": one} for one in patients]}


def test_each_file_comes_to_its_right_end(page: Page, tmp_path, aside) -> None:
    fits(page, "imports")
    bundle = a_bundle()
    taken = 78 if len(bundle["entry"]) == 120 else 4
    (tmp_path / "synthea.json").write_text(json.dumps(bundle, indent=1))
    upload(page, tmp_path / "synthea.json")
    page.get_by_label("Also take who cannot be reached").check()
    finish(page, aside)
    expect(page.get_by_text(f"{len(bundle['entry'])} of {len(bundle['entry'])} rows: {taken} added")).to_be_visible()

    mac = tmp_path / "mac.csv"
    mac.write_bytes(f"MRN,fname,lname,dob,cell\nM-1,José,Núñez,1965-04-02,{phone(10)}\n".encode("mac_roman"))
    upload(page, mac)
    expect(page.get_by_role("alert")).to_contain_text("Mac Roman")
    expect(page.get_by_role("button", name="Import", exact=True)).to_have_count(0)
    fits(page, "import-mac")
    page.get_by_label("Encoding").select_option("mac_roman")
    page.get_by_role("button", name="Look again").click()
    expect(page.get_by_role("cell", name="Núñez")).to_be_visible()
    finish(page, aside)
    expect(page.get_by_text("1 of 1 rows: 1 added")).to_be_visible()

    book = openpyxl.Workbook()
    book.active.append(["Patients of the spine clinic"])
    book.active.append([])
    book.active.append(["Chart No", "First", "Last", "DOB", "Beeper"])
    book.active.append(["X-1", "Ana", "Ruiz", "02-Apr-1965", 2025550111])
    book.active.append(["X-2", "Bo", "Lee", "1965/04/02", "2.02555E+9"])
    book.save(tmp_path / "book.xlsx")
    upload(page, tmp_path / "book.xlsx")
    page.get_by_label("Beeper").select_option("phone")
    fits(page, "import-excel")
    finish(page, aside, "Try it, keep nothing")
    expect(page.get_by_text("2 of 2 rows: 1 added, 1 refused")).to_be_visible()
    assert not Patient.objects.filter(number="X-1").exists()
    finish(page, aside)
    expect(page.get_by_text("Finished.")).to_be_visible()
    expect(page.get_by_role("link", name="Download the report (CSV)")).to_be_visible()
    fits(page, "import-finished")

    synthea = tmp_path / "patients.csv"
    synthea.write_text(
        "Id,BIRTHDATE,DEATHDATE,SSN,FIRST,LAST\n"
        "b9c610cd,1965-04-02,,999-65,José Eduardo181,Gómez206\n"
        "c1f1fcaa,1940-11-06,2016-02-01,999-81,Jayson808,Fadel536\n"
    )
    upload(page, synthea)
    page.get_by_label("Also take who cannot be reached").check()
    finish(page, aside)
    expect(page.get_by_text("2 of 2 rows: 1 added, 1 refused")).to_be_visible()

    assert str(Patient.objects.get(number="M-1")) == "José Núñez"
    assert Contact.objects.get(patient__number="X-1").address == "+12025550111"
    assert not ImportRun.objects.filter(content__isnull=False).exists()
