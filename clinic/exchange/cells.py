"""One cell of a spreadsheet: what the clinic typed, under what the spreadsheet made of it. Pure."""

import re
import unicodedata
from datetime import date

from clinic.exchange.encodings import damaged
from clinic.exchange.import_rows import Fault, Why
from patients import characters

AS_TEXT = re.compile(r'^="(.*)"$')
ERROR = re.compile(r"^(#(REF|N/A|NAME\?|VALUE|DIV/0|NUM|NULL)!?|#+)$")
SCIENTIFIC = re.compile(r"^\d([.,]\d+)?[eE][+-]?\d+$")
ISO = re.compile(r"^(\d{4})-(\d{1,2})-(\d{1,2})([T ][\d:.]+Z?)?$")
SLASHED = re.compile(r"^(\d{1,2})[/.-](\d{1,2})[/.-](\d{4})$")
RUN = ("=", "+", "-", "@", "＝", "＋", "－", "＠")  # the wide ones too: spreadsheets of East Asia read them
ORDERS = ("mdy", "dmy")


class BadCell(ValueError):
    """The message is a sentence that does not repeat the cell."""


def plain(cell: str) -> str:
    """The cell without the wrapping that keeps text from becoming a number: ="00123" is 00123."""
    cell = unicodedata.normalize("NFC", cell).replace("\u00a0", " ").strip()
    wrapped = AS_TEXT.match(cell)
    return wrapped[1].strip() if wrapped else cell


def inert(cell: str) -> str:
    """Escape a cell for a CSV file: an apostrophe before what a spreadsheet would run as a formula."""
    runs = cell.lstrip().startswith(RUN) or cell.startswith(("\t", "\r", "\n"))
    return f"'{cell}" if runs else cell


def code(cell: str) -> str:
    """A patient number, a code, a user name: 00123 typed as '00123, or 123 turned into 123.0."""
    cell = plain(cell)
    if SCIENTIFIC.match(cell):
        raise BadCell("The spreadsheet turned this into 1.2E+10 and lost digits: format the column as text.")
    _refuse_formula(cell)
    return re.sub(r"^(\d+)\.0$", r"\1", characters.patient_number(cell.removeprefix("'")))


def words(cell: str) -> str:
    """A name. An apostrophe at its start may belong to it ('t Hooft)."""
    if damaged(cell):
        raise BadCell("Letters were lost by a wrong encoding, as é became Ã©: save the file again as CSV UTF-8.")
    cell = characters.person_name(plain(cell))
    _refuse_formula(cell)
    return cell


def _refuse_formula(cell: str) -> None:
    if cell.startswith(("=", "@", "+")) or (cell.startswith("-") and len(cell) > 1):
        raise BadCell("This is a spreadsheet formula: write the value itself.")
    if ERROR.match(cell):
        raise BadCell("This is an error of the spreadsheet (#REF!, ####): write the value itself.")


def day(cell: str, *, order: str = "") -> date:
    """A date as 1965-04-02, or with slashes where the order is sure: told by `order`, or because a day is over 12."""
    cell = plain(cell).removeprefix("'")
    _refuse_formula(cell)
    if iso := ISO.match(cell):
        return _date(int(iso[1]), int(iso[2]), int(iso[3]))
    if slashed := SLASHED.match(cell):
        return _slashed(int(slashed[1]), int(slashed[2]), int(slashed[3]), order)
    if re.fullmatch(r"\d{4,6}(\.0)?", cell):
        raise BadCell("This is a spreadsheet's day number: format the column as a date like 1965-04-02.")
    raise BadCell("This is not a date: write it like 1965-04-02, the year with four digits.")


def _slashed(first: int, second: int, year: int, order: str) -> date:
    if order:
        return _date(year, first, second) if order == "mdy" else _date(year, second, first)
    if first <= 12 and second <= 12 and first != second:
        raise BadCell(
            "This date can be read in two ways: write it like 1965-04-02, or say --date-format mdy or dmy (day first)."
        )
    return _date(year, second, first) if first > 12 else _date(year, first, second)


def _date(year: int, month: int, day_: int) -> date:
    try:
        return date(year, month, day_)
    except ValueError:
        raise BadCell("There is no such day: check day, month and year, and write it like 1965-04-02.") from None


def language(tag: str) -> str:
    """BCP 47 in its usual letters: EN_us is en-US. Says nothing about whether the tag is one."""
    first, *rest = tag.strip().replace("_", "-").split("-")
    return "-".join([first.lower(), *(part.title() if len(part) == 4 else part.upper() for part in rest)])


def fault(why: Why, name: str, error: BadCell) -> Fault:
    return Fault(why, f"{name}: {error}", about=name)
