"""Excel workbooks as clinics have them: what a reader of another program's files must get right."""

import io
import zipfile
from datetime import date, datetime

import openpyxl
import pytest
from openpyxl.utils.datetime import CALENDAR_MAC_1904

from clinic.exchange import excel
from clinic.exchange.csv_patients import COLUMNS, patients
from clinic.exchange.import_rows import UnusableInput
from tests.given import phone

HEADER = ["Chart No", "First Name", "Last Name", "DOB", "Cell"]
ANA = ["A-1", "Ana", "Ruiz", datetime(1965, 4, 2), 2025550110]  # noqa: DTZ001
TOLD = {"Chart No": "number"}


@pytest.fixture
def book():
    book = openpyxl.Workbook()
    book.active.title = "Patients"
    return book


def saved(book, tmp_path, change=None):
    """The workbook as a file; `change`: what another program would have written in a part of it."""
    path, written = tmp_path / "patients.xlsx", io.BytesIO()
    book.save(written)
    with zipfile.ZipFile(written) as source, zipfile.ZipFile(path, "w") as target:
        for part in source.infolist():
            text = source.read(part)
            target.writestr(part, change(part.filename, text) if change else text)
    return path


def rows(path):
    return list(patients(excel.read(path, COLUMNS, told=TOLD)))


def test_a_title_and_blank_rows_stand_above_the_columns_and_a_phone_is_a_number(book, tmp_path):
    sheet = book.active
    sheet.append(["Patients of the spine clinic"])
    sheet.merge_cells("A1:E1")
    sheet.append([])
    sheet.append(HEADER)
    sheet.append(ANA)
    sheet.append([])
    sheet.append(["00123", "Bo", "Lee", "02-Apr-1965", 2025550111.0])
    sheet.append([124, "Cy", "Lee", "4/2/65", 2.025550112e9])
    sheet["A7"].number_format = "00000"

    ana, bo, cy = rows(saved(book, tmp_path))

    assert (ana.number, ana.birth_date, ana.phones) == ("A-1", date(1965, 4, 2), ("2025550110",))
    assert str(ana.place) == "row 4"
    assert (bo.number, bo.birth_date, bo.phones) == ("00123", date(1965, 4, 2), ("2025550111",))
    assert (cy.number, cy.phones) == ("00124", ("2025550112",))
    assert cy.birth_date is None
    assert "four digits" in cy.faults[0].says


def test_hidden_sheets_are_not_read_and_several_shown_ones_are(book, tmp_path):
    book.active.append(HEADER)
    book.active.append(ANA)
    for title, state in (("Old", "hidden"), ("Older", "veryHidden"), ("2025", "visible"), ("Notes", "visible")):
        sheet = book.create_sheet(title)
        sheet.sheet_state = state
        sheet.append(HEADER if title != "Notes" else ["Call the supplier"])
        sheet.append([title, *ANA[1:]])

    path = saved(book, tmp_path)

    assert [row.number for row in rows(path)] == ["A-1", "2025"]
    notes = " ".join(excel.read(path, COLUMNS, told=TOLD).notes)
    assert "Hidden sheets are not read: Old, Older." in notes
    assert "not read: Notes." in notes


def test_dates_of_the_1904_system_are_the_days_they_show(book, tmp_path):
    book.epoch = CALENDAR_MAC_1904
    book.active.append(HEADER)
    book.active.append(ANA)

    assert rows(saved(book, tmp_path))[0].birth_date == date(1965, 4, 2)


def test_a_wrong_dimension_hides_no_row(book, tmp_path):
    book.active.append(HEADER)
    book.active.append(ANA)

    def lie(name, text):
        return text.replace(b'<dimension ref="A1:E2"', b'<dimension ref="A1"') if "sheet1" in name else text

    assert [row.number for row in rows(saved(book, tmp_path, lie))] == ["A-1"]


def test_a_strict_workbook_is_read(book, tmp_path):
    book.active.append(HEADER)
    book.active.append(ANA)

    def strict(_name, text):
        for wide, usual in excel.STRICT:
            text = text.replace(usual, wide)
        return text

    assert rows(saved(book, tmp_path, strict))[0].phones == ("2025550110",)


@pytest.mark.parametrize(
    ("content", "says"),
    [
        (b"\xd0\xcf\x11\xe0" + b"\0" * 600 + "EncryptedPackage".encode("utf-16-le"), "has a password"),
        (b"\xd0\xcf\x11\xe0" + b"\0" * 600, "old Excel workbook"),
        (b"PK\x03\x04nonsense", "damaged"),
    ],
)
def test_a_workbook_that_cannot_be_read_is_told_what_to_do(tmp_path, content, says):
    path = tmp_path / "patients.xlsx"
    path.write_bytes(content)

    with pytest.raises(UnusableInput, match=says):
        excel.read(path, COLUMNS)


def test_other_archives_are_named_and_missing_columns_too(book, tmp_path):
    other = tmp_path / "letter.docx"
    with zipfile.ZipFile(other, "w") as archive:
        archive.writestr("word/document.xml", "")
    book.active.append(["Name", "Shoe size"])

    with pytest.raises(UnusableInput, match="Word document"):
        excel.read(other, COLUMNS)
    with pytest.raises(UnusableInput, match="Columns missing: number, given_name"):
        excel.read(saved(book, tmp_path), COLUMNS)


def test_numbers_look_as_somebody_typed_them(book, tmp_path):
    book.active.append([*HEADER, "Deceased"])
    book.active.append(["A-1", "Ana", "Ruiz", datetime(1965, 4, 2, 10, 30), phone(10), False])  # noqa: DTZ001

    row = rows(saved(book, tmp_path))[0]

    assert (row.birth_date, row.phones, row.alive) == (date(1965, 4, 2), (phone(10),), True)
