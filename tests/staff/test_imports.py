"""Importing patients from the page: looked at, tried, imported, stopped, continued; by managers of the site alone."""

import csv
from datetime import timedelta

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile

from clinic import import_tasks
from clinic.exchange import import_runs
from patients.models import AuditEntry, ColumnMapping, Contact, ImportRun, Patient
from tests.given import NOW, a_site, a_staff_member, phone
from tests.staff.people import signed_in

pytestmark = pytest.mark.django_db
HEADER = "MRN,fname,lname,dob,Beeper"


@pytest.fixture
def site():
    return a_site()


@pytest.fixture
def manager(site):
    return a_staff_member(site, "manager")


@pytest.fixture(autouse=True)
def rung(monkeypatch):
    """No worker runs here: the test itself does the slices."""
    keys = []
    monkeypatch.setattr(import_tasks, "ring", keys.append)
    monkeypatch.setattr("patients.clock.now", lambda: NOW)
    return keys


def words(answer):
    return " ".join(answer.content.decode().split())


def rows(number):
    return [f"A-{at},Ana{at},Ruiz,1965-04-02,{phone(at)}" for at in range(10, 10 + number)]


def uploaded(client, site, *lines, header=HEADER, encoding="utf-8", name="patients.csv"):
    """The address of the import's page."""
    file = SimpleUploadedFile(name, "\n".join([header, *lines]).encode(encoding))
    answer = client.post("/staff/imports/", {"site": site.pk, "file": file})
    assert answer.status_code == 302, words(answer)
    return answer.url


def said_of(number, column, wanted, was=""):
    return {f"column-{number}-name": column, f"column-{number}": wanted, f"column-{number}-was": was}


def work(**how):
    return import_runs.work(ImportRun.objects.get().pk, clock=lambda: NOW, **how)


def test_a_file_is_looked_at_corrected_tried_and_imported(site, manager, rung):
    client = signed_in(manager)
    url = uploaded(client, site, *rows(2), "A-99,Bo,Lee,yesterday,12")
    first = words(client.get(url))
    assert "The first rows, as they are read" in first
    assert "nobody in this file can be reached" in first
    correct = said_of(4, "Beeper", "phone")
    assert phone(10) in words(client.post(url, {"action": "look"} | correct, follow=True))

    client.post(url, {"action": "try", "wording": "I agree."} | correct)
    assert "2s" in words(client.get(url))
    work()
    tried = words(client.get(url))
    assert "Dry run finished: nothing was kept." in tried
    assert "3 of 3 rows: 2 added, 1 refused" in tried
    assert not Patient.objects.exists()
    client.post(url, {"action": "import", "wording": "I agree."} | said_of(4, "Beeper", "phone", "phone"))
    work()

    assert rung == [ImportRun.objects.get().pk] * 2
    assert "3 of 3 rows: 2 added, 1 refused" in words(client.get(url))
    assert Contact.objects.reachable().count() == 2
    report = b"".join(client.get(f"{url}report.csv").streaming_content).decode("utf-8-sig")
    lines = list(csv.DictReader(report.splitlines()))
    assert [(line["place"], line["number"], line["why"]) for line in lines][:1] == [
        ("line 4", "A-99", "no reachable contact")
    ]
    assert "Bo" not in report
    assert ImportRun.objects.get().content is None
    assert ColumnMapping.objects.get().field == "phone"
    assert AuditEntry.objects.filter(site=site, verb="import ended").get().details["added"] == 2


def test_an_import_is_stopped_continued_and_reported_once(site, manager, monkeypatch):
    monkeypatch.setattr(import_runs, "CHUNK", 2)
    client = signed_in(manager)
    url = uploaded(client, site, *rows(5), header="number,fname,lname,dob,cell")
    client.post(url, {"action": "import"})

    left = work(until=NOW)
    assert Patient.objects.count() == 2
    client.post(f"{url}stop/")
    assert work(held_since=left) is None
    assert "Stopped. Rows that were done stay done." in words(client.get(url))
    client.post(f"{url}go-on/")
    assert import_runs.unattended(NOW) == [ImportRun.objects.get().pk]
    work()

    run = ImportRun.objects.get()
    assert (run.state, run.done, run.counts["added"], Patient.objects.count()) == ("finished", 5, 5, 5)
    assert [part.first for part in run.parts.all()] == [0, 2, 4]


def test_of_two_workers_one_finds_it_taken_and_a_dead_one_is_replaced(site, manager, monkeypatch):
    monkeypatch.setattr(import_runs, "CHUNK", 2)
    client = signed_in(manager)
    client.post(uploaded(client, site, *rows(5), header="number,fname,lname,dob,cell"), {"action": "import"})
    left = work(until=NOW)

    assert work() is None
    assert Patient.objects.count() == 2
    assert import_runs.unattended(NOW) == []
    [pk] = import_runs.unattended(NOW + import_runs.LEASE + timedelta(seconds=1))
    import_runs.work(pk, clock=lambda: NOW + timedelta(minutes=3))

    assert Patient.objects.count() == 5
    assert left == NOW


@pytest.mark.parametrize("who", ["colleague", "stranger", "nobody"])
def test_only_managers_of_the_site_see_and_do_it(site, manager, who):
    client = signed_in(manager)
    url = uploaded(client, site, *rows(1))
    elsewhere = a_site("elsewhere")
    people = {"colleague": a_staff_member(site, "surgeon"), "stranger": a_staff_member(elsewhere, "manager")}
    other = signed_in(people[who]) if who in people else type(client)()
    wanted = {"colleague": 403, "stranger": 404, "nobody": 302}[who]

    asked = [other.get(url), other.get(f"{url}report.csv"), other.post(url, {"action": "import"})]
    asked += [other.post(f"{url}{verb}/") for verb in ("stop", "go-on", "delete")]
    file = SimpleUploadedFile("patients.csv", HEADER.encode())
    sent = other.post("/staff/imports/", {"site": site.pk, "file": file})

    assert {answer.status_code for answer in asked} == {wanted}
    assert sent.status_code == {"colleague": 403, "stranger": 422, "nobody": 302}[who]
    run = ImportRun.objects.get()
    assert (run.state, run.content is not None) == ("uploaded", True)


def test_a_manager_who_left_imports_no_further(site, manager):
    client = signed_in(manager)
    client.post(uploaded(client, site, *rows(1), header="number,fname,lname,dob,cell"), {"action": "import"})
    manager.memberships.all().delete()

    work()

    assert ImportRun.objects.get().state == "failed"
    assert not Patient.objects.exists()


def test_the_file_goes_when_asked_and_after_a_week(site, manager):
    client = signed_in(manager)
    url = uploaded(client, site, *rows(1))
    client.post(f"{url}delete/")
    assert ImportRun.objects.get().content is None
    assert "The file was deleted." in words(client.get(url))
    uploaded(client, site, *rows(1))

    assert import_runs.forget_old_files(NOW + timedelta(days=6)) == 0
    assert import_runs.forget_old_files(NOW + timedelta(days=8)) == 1

    assert not ImportRun.objects.filter(content__isnull=False).exists()


@pytest.mark.parametrize(
    ("lines", "header", "encoding", "name", "says"),
    [
        (["A-1,José,Núñez,1965-04-02,1"], HEADER, "mac_roman", "patients.csv", "Choose mac_roman below"),
        (["1"], "Karte", "utf-8", "patients.csv", "Columns missing: number"),
        ([], "PK\x03\x04", "utf-8", "patients.xlsx", "damaged"),
    ],
)
def test_a_file_that_cannot_be_used_says_why_and_cannot_be_started(
    site, manager, rung, lines, header, encoding, name, says
):
    client = signed_in(manager)
    url = uploaded(client, site, *lines, header=header, encoding=encoding, name=name)

    answer = client.post(url, {"action": "import"}, follow=True)

    assert says in words(answer)
    assert "Try it, keep nothing" not in words(answer)
    assert rung == []


def test_an_upload_that_is_none_is_told_so(site, manager):
    client = signed_in(manager)

    empty = client.post("/staff/imports/", {"site": site.pk, "file": SimpleUploadedFile("a.csv", b"")})
    missing = client.post("/staff/imports/", {"site": site.pk})

    assert (empty.status_code, missing.status_code) == (422, 422)
    assert "empty" in words(empty)
    assert "required" in words(missing)


def test_a_file_with_only_a_header_ends_with_a_sentence(site, manager):
    client = signed_in(manager)
    url = uploaded(client, site, header="number,fname,lname,dob,cell")
    client.post(url, {"action": "import"})

    work()

    assert "There are no rows below the header" in words(client.get(url))
