"""The command, as somebody at a clinic would run it."""

import csv
import io

import pytest
from django.core.management import CommandError, call_command

from clinic.exchange.progress_bar import Shown
from patients.models import Contact, Patient
from tests.exchange.whole_sets import HERE, published
from tests.given import a_site, a_staff_member, phone

pytestmark = pytest.mark.django_db
HEADER = "number,given_name,family_name,birth_date,language,time_zone,phone,email,consent"
SYNTHEA = HERE / "Patient.synthea-6.ndjson"


@pytest.fixture(autouse=True)
def clinic():
    site = a_site()
    a_staff_member(site, "reception", username="rex")
    return site


def run(path, *options, site="riverside", by="rex"):
    """What it printed and the code it left with."""
    out = io.StringIO()
    try:
        call_command(
            "import_patients", str(path), "--site", site, "--by", by, *options, stdout=out, stderr=io.StringIO()
        )
    except SystemExit as left:
        return out.getvalue(), left.code
    except CommandError as error:
        return str(error), error.returncode
    return out.getvalue(), 0


def a_file(tmp_path, *rows, header=HEADER, encoding="utf-8", name="patients.csv"):
    path = tmp_path / name
    path.write_bytes("\n".join([header, *rows, ""]).encode(encoding))
    return path


def a_row(number="A-1", given="Ana", born="1965-04-02", number_typed="", consent="yes"):
    return f"{number},{given},Ruiz,{born},en,,{number_typed or phone(10)},,{consent}"


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "utf-16", "cp1252"])
def test_names_arrive_whole_however_the_file_was_saved(tmp_path, encoding):
    said, code = run(a_file(tmp_path, a_row(given="José"), encoding=encoding), "--consent", "I agree.")

    assert code == 0
    assert Patient.objects.get().given_name == "José"
    assert ("Windows-1252" in said) == (encoding == "cp1252")


def test_a_whole_csv_with_all_its_troubles(tmp_path):
    path = a_file(
        tmp_path,
        "A-1,Ana,Ruiz,1965-04-02,en,,'+12025550110,,yes",
        'A-2,Bo,Lee,1965-04-02,EN_us,,="+12025550111",,no',
        "A-3,Cy,Lee,1965-04-02,,,1.2025550123E+10,,yes",
        "A-4,Di,Lee,03/04/1965,,,+12025550113,,yes",
        'A-5,"Ed,Lee,1965-04-02,,,+12025550114,,yes',
        "A-6,=HYPERLINK(1),Lee,1965-04-02,,,+12025550115,,yes",
        "A-7,Flo,Lee,1965-04-02,,America/Chicago,2025550116.0,flo@example.org,maybe",
        "A-8,Gil,Lee,1965-04-02,,America/Chicago,2025550117.0,gil@example.org,",
    )
    said, code = run(path, "--consent", "I agree.")

    assert code == 1
    assert [p.number for p in Patient.objects.order_by("number")] == ["A-1", "A-2", "A-8"]
    assert [str(c.phone.as_e164) for c in Contact.objects.exclude(phone="").order_by("pk")] == [
        "+12025550110",
        "+12025550111",
        "+12025550117",
    ]
    for sentence in (
        "line 4, patient number A-3: refused, no reachable contact.",
        "1.2E+10",
        "line 5, patient number A-4: refused, bad date. birth_date: This date can be read in two ways",
        "line 6, patient number A-5: refused, unreadable row. The quotes of this row do not match",
        "line 7, patient number A-6: refused, bad name. given_name: This is a spreadsheet formula",
        "line 8, patient number A-7: refused, consent. consent: Write yes or no.",
    ):
        assert sentence in said
    assert "8 rows: 3 added, 0 updated, 0 unchanged, 5 refused." in said


def test_a_date_order_can_be_told(tmp_path):
    run(a_file(tmp_path, a_row(born="03/04/1965")), "--date-format", "dmy")

    assert Patient.objects.get().birth_date.isoformat() == "1965-04-03"


@pytest.mark.parametrize(
    ("header", "rows", "says"),
    [
        ("number,given_name,phone", [], "Columns missing: family_name, birth_date"),
        (HEADER, [], "no rows below the header"),
        ("", [], "empty"),
        ("PK\x03\x04", [], "Excel workbook"),
        (f"{HEADER},phone", [a_row()], "named twice: phone"),
    ],
)
def test_a_file_that_cannot_be_used_leaves_with_2_and_a_sentence(tmp_path, header, rows, says):
    said, code = run(a_file(tmp_path, *rows, header=header))

    assert code == 2
    assert says in said


def test_wrong_names_of_things_leave_with_2_and_a_sentence(tmp_path):
    path = a_file(tmp_path, a_row())

    assert run(path, site="river")[0] == "There is no site “river”. The sites are: riverside."
    assert run(path, by="nobody") == ("There is no active staff member with the user name “nobody”.", 2)
    assert run(tmp_path / "none.csv")[1] == 2
    assert "no file Patient*.ndjson" in run(tmp_path)[0]
    assert "cannot be written" in run(path, "--report", str(tmp_path / "no" / "report.csv"))[0]
    assert not Patient.objects.exists()


def test_a_json_document_that_holds_no_patient_is_refused_as_a_whole(tmp_path):
    path = tmp_path / "one.ndjson"
    path.write_text('{\n "resourceType": "Organization"\n}')

    assert "no FHIR Bundle and no Patient" in run(path)[0]


def test_the_report_is_a_spreadsheet_that_runs_no_formula_and_names_nobody(tmp_path):
    report = tmp_path / "report.csv"
    path = a_file(tmp_path, a_row(number="A-1", number_typed="12345"), a_row(number="A-2"))

    said, _ = run(path, "--report", str(report))

    rows = list(csv.DictReader(report.read_text("utf-8-sig").splitlines()))
    assert [(row["line"], row["number"], row["kind"], row["why"]) for row in rows] == [
        ("2", "A-1", "refused", "no reachable contact"),
        ("2", "A-1", "refused", "invalid phone"),
        ("3", "A-2", "warning", "consent"),
    ]
    assert "Ruiz" not in report.read_text("utf-8-sig") + said


def test_generated_patients_are_refused_by_name_of_the_reason():
    said, code = run(SYNTHEA)

    assert code == 1
    assert "6 rows: 0 added, 0 updated, 0 unchanged, 6 refused." in said
    for count in ("4 refused: no reachable contact", "1 refused: minor", "1 refused: dead"):
        assert count in said


def test_generated_patients_are_taken_without_contact_when_asked_and_twice_changes_nothing():
    dry, _ = run(SYNTHEA, "--without-contact", "--dry-run")
    unwritten = Patient.objects.count()
    first, _ = run(SYNTHEA, "--without-contact")
    second, _ = run(SYNTHEA, "--without-contact")

    assert unwritten == 0
    assert "Dry run, nothing was written. 6 rows: 4 added, 0 updated, 0 unchanged, 2 refused." in dry
    assert "6 rows: 4 added, 0 updated, 0 unchanged, 2 refused." in first
    assert "6 rows: 0 added, 0 updated, 4 unchanged, 2 refused." in second
    assert sorted(Patient.objects.values_list("language", flat=True)) == ["en-US", "en-US", "es", "pl"]


def test_the_whole_generated_set():
    said, code = run(published("synthea-100-patients"), "--without-contact")

    assert code == 1
    assert "120 rows: 78 added, 0 updated, 0 unchanged, 42 refused." in said
    assert "22 refused: minor" in said
    assert "20 refused: dead" in said


@pytest.mark.parametrize(
    ("name", "pattern"), [("hl7-r4-examples", "Patient-*.json"), ("us-core-examples", "patient-*.json")]
)
def test_published_examples_are_taken_or_refused_with_a_reason(tmp_path, name, pattern):
    lines = [path.read_text().replace("\n", " ") for path in sorted(published(name).glob(pattern))]
    path = tmp_path / "Patient.ndjson"
    path.write_text("\n".join(lines))

    said, code = run(path, "--without-contact")

    assert code == 1
    assert f"{len(lines)} rows: " in said
    assert "unreadable" not in said
    assert Patient.objects.count() == {"hl7-r4-examples": 6, "us-core-examples": 1}[name]


def test_every_kind_of_resource_in_one_file_is_refused_line_by_line(tmp_path):
    files = sorted(published("hl7-r4-examples").glob("[!P]*.json"))
    path = tmp_path / "Patient.ndjson"
    path.write_text("\n".join(each.read_text().replace("\n", " ") for each in files))

    said, _ = run(path)

    assert f"{len(files)} refused: unreadable row" in said


class Terminal(io.StringIO):
    def isatty(self):
        return True


def test_progress_is_a_bar_on_a_terminal_and_lines_elsewhere():
    terminal, log = Terminal(), io.StringIO()

    assert list(Shown(terminal)(range(10), "Taking", 10)) == list(range(10))
    assert list(Shown(log)(range(2500), "Taking", 2500)) == list(range(2500))

    assert "100%" in terminal.getvalue()
    assert log.getvalue() == "Taking: 1,000 of 2,500 rows\nTaking: 2,000 of 2,500 rows\n"
