"""Files as clinics have them, by the command: columns of any name, other alphabets, other formats."""

import io
import json

import openpyxl
import pytest
from django.core.management import CommandError, call_command

from patients.models import ColumnMapping, Contact, Patient
from tests.given import a_site, a_staff_member, phone

pytestmark = pytest.mark.django_db
SYNTHEA = "Id,BIRTHDATE,DEATHDATE,SSN,FIRST,MIDDLE,LAST,MAIDEN,GENDER"


@pytest.fixture(autouse=True)
def clinic():
    site = a_site()
    a_staff_member(site, "manager", username="mia")
    return site


def run(path, *options):
    """What it printed, and the code it left with."""
    out = io.StringIO()
    command = ("import_patients", str(path), "--site", "riverside", "--by", "mia", *options)
    try:
        call_command(*command, stdout=out, stderr=io.StringIO())
    except SystemExit as left:
        return out.getvalue(), left.code
    except CommandError as error:
        return str(error), error.returncode
    return out.getvalue(), 0


def a_file(tmp_path, *lines, name="patients.csv", encoding="utf-8"):
    path = tmp_path / name
    path.write_bytes("\n".join([*lines, ""]).encode(encoding))
    return path


@pytest.mark.parametrize(
    ("name", "header"),
    [
        ("patients.csv", "MRN,fname,lname,DOB,Cell"),
        ("patients.csv", "Patient ID;First Name;Last Name;Date of Birth;Mobile Phone"),
        ("patients.tsv", "Chart #\tGiven\tSurname\tD.O.B.\tTelephone"),
        ("patients.csv", "Expediente,Nombre,Apellidos,Fecha de nacimiento,Celular"),
    ],
)
def test_columns_are_known_by_the_names_clinics_give_them(tmp_path, name, header):
    sign = next(sign for sign in ";\t," if sign in header)
    path = a_file(tmp_path, header, sign.join(["A-1", "Ana", "Ruiz", "02-Apr-1965", phone(10)]), name=name)

    said, code = run(path)

    ana = Patient.objects.get()
    assert (code, ana.number, str(ana), f"{ana.birth_date}") == (0, "A-1", "Ana Ruiz", "1965-04-02")
    assert ana.contacts.get().address == phone(10)
    assert "Columns read: " in said


def test_a_column_somebody_explained_is_known_the_next_time(tmp_path):
    path = a_file(tmp_path, "Karte,fname,lname,dob,Beeper,cell", f"A-1,Ana,Ruiz,1965-04-02,{phone(11)},{phone(10)}")

    unknown, _ = run(path)
    dry, _ = run(path, "--map", "Karte=number", "--dry-run")
    assert not ColumnMapping.objects.exists()
    said, code = run(path, "--map", "karte=number", "--map", "Beeper=phone")
    again, _ = run(path)

    assert "Column missing: number." in unknown
    assert "1 added" in dry
    assert code == 0, said
    assert Contact.objects.get().address == phone(11)
    assert "1 unchanged" in again


def test_what_is_no_mapping_is_told_what_would_be_one(tmp_path):
    path = a_file(tmp_path, "number,fname,lname,dob", "A-1,Ana,Ruiz,1965-04-02")

    assert "--map “Cell phone=phone”" in run(path, "--map", "cell")[0]
    assert "There is no field fax. The fields are: number," in run(path, "--map", "cell=fax")[0]


@pytest.mark.parametrize(
    ("encoding", "given", "family", "title"),
    [
        ("mac_roman", "José", "Núñez", "Mac Roman"),
        ("cp1250", "Łukasz", "Żak", "Windows-1250"),
        ("cp1251", "Ольга", "Иванова", "Windows-1251"),
    ],
)
def test_another_alphabet_is_refused_as_a_whole_and_taken_once_it_is_named(tmp_path, encoding, given, family, title):
    rows = [f"A-{number},{given},{family},1965-04-02,{phone(number)}" for number in (10, 11)]
    path = a_file(
        tmp_path, "number,fname,lname,dob,cell", f"A-1,Bo,Lee,1960-01-02,{phone(12)}", *rows, encoding=encoding
    )

    refused, code = run(path)
    assert (code, Patient.objects.count()) == (2, 0)
    assert title in refused
    assert "line 3" in refused
    run(path, "--encoding", encoding)

    assert str(Patient.objects.get(number="A-10")) == f"{given} {family}"


def test_an_encoding_that_is_none_or_not_the_file_s_is_refused(tmp_path):
    path = a_file(tmp_path, "number,fname,lname,dob", "A-1,José,Ruiz,1965-04-02", encoding="cp1252")

    assert "There is no encoding “klingon”" in run(path, "--encoding", "klingon")[0]
    assert "not in the encoding utf-8" in run(path, "--encoding", "utf-8")[0]


def test_the_csv_of_synthea_is_read_with_its_deaths(tmp_path):
    path = a_file(
        tmp_path,
        SYNTHEA,
        "b9c610cd-28a6,1965-04-02,,999-65,José Eduardo181,Alva958,Gómez206,,M",
        "c1f1fcaa-82fd,1940-11-06,2016-02-01,999-81,Jayson808,,Fadel536,,M",
    )

    said, code = run(path, "--without-contact")

    assert code == 1
    assert Patient.objects.get().number == "b9c610cd-28a6"
    assert "1 refused: dead" in said
    assert "nobody in this file can be reached" in said


def a_bundle(*patients):
    others = [{"fullUrl": "urn:uuid:1", "resource": {"resourceType": "Encounter", "status": "finished"}}]
    return {"resourceType": "Bundle", "type": "collection", "entry": [{"resource": one} for one in patients] + others}


def a_resource(number, **parts):
    name = [{"use": "official", "family": "Ruiz", "given": ["Ana"]}]
    whole = {"resourceType": "Patient", "id": number, "name": name, "birthDate": "1965-04-02"}
    return whole | {"telecom": [{"system": "phone", "use": "mobile", "value": phone(int(number))}]} | parts


@pytest.mark.parametrize("indent", [None, 2])
@pytest.mark.parametrize("name", ["export.json", "export.ndjson", "export"])
def test_a_fhir_bundle_is_read_however_it_is_laid_out(tmp_path, indent, name):
    path = tmp_path / name
    path.write_text(json.dumps(a_bundle(a_resource("10"), a_resource("11", birthDate="1961-02-30")), indent=indent))

    said, _ = run(path)

    assert [patient.number for patient in Patient.objects.all()] == ["10"]
    assert "entry 2, patient number 11: refused, bad date. birthDate: This is not a date" in said
    assert "1 other resources of the Bundle were passed over" in said
    assert "2 rows: 1 added, 0 updated, 0 unchanged, 1 refused." in said


def test_a_folder_of_bundles_is_one_import(tmp_path):
    for number in ("10", "11"):
        (tmp_path / f"{number}.json").write_text(json.dumps(a_bundle(a_resource(number))))

    assert "2 rows: 2 added" in run(tmp_path)[0]


def test_operations_come_from_a_workbook_too(tmp_path):
    book = openpyxl.Workbook()
    book.active.append(["Operations of March"])
    book.active.append(["MRN", "Operation", "Surgery Date", "Surgeon"])
    book.active.append(["A-9", "miss", "2026-02-20", "ida"])
    path = tmp_path / "operations.xlsx"
    book.save(path)
    out = io.StringIO()

    with pytest.raises(SystemExit):
        call_command("import_surgeries", str(path), "--site", "riverside", "--by", "mia", stdout=out)

    assert "row 3, patient number A-9: refused, unknown patient." in out.getvalue()


def test_the_screen_shows_a_summary_and_the_first_refusals(tmp_path):
    path = a_file(tmp_path, "number,fname,lname,dob,cell", *[f"A-{n},Ana,Ruiz,1965-04-02,555" for n in range(40)])

    said, _ = run(path)

    assert said.count("no reachable contact. There") == 10
    assert "… and 30 more rows refused: --report FILE lists all of them." in said


def test_rows_of_quoted_blanks_are_no_rows(tmp_path):
    path = a_file(tmp_path, "number,fname,lname,dob,cell", '"","","","",""', f"A-1,Ana,Ruiz,1965-04-02,{phone(10)}")

    assert "1 rows: 1 added" in run(path)[0]


def test_a_wrong_birthday_in_fhir_is_the_only_reason_that_is_given(tmp_path):
    path = tmp_path / "Patient.ndjson"
    path.write_text(json.dumps(a_resource("10", birthDate="02/04/1965")))

    said, _ = run(path)

    assert said.count("refused, ") == 1
    assert "birthDate: This is not a date" in said
