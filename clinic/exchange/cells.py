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
YEAR_FIRST = re.compile(r"^(\d{4})[/.](\d{1,2})[/.](\d{1,2})$")
SLASHED = re.compile(r"^(\d{1,2})[/.-](\d{1,2})[/.-](\d{4})( 0{1,2}:00(:00)?)?$")
DAY_MONTH = re.compile(r"^(\d{1,2})(?:st|nd|rd|th)?[\s./-]*(?:de )?([^\W\d_]{3,10})[\s.,/-]*(?:de )?(\d{4})$")
MONTH_DAY = re.compile(r"^([^\W\d_]{3,10})[\s./-]+(\d{1,2})(?:st|nd|rd|th)?[\s.,/-]+(\d{4})$")
RUN = ("=", "+", "-", "@", "＝", "＋", "－", "＠")  # the wide ones too: spreadsheets of East Asia read them
ORDERS = ("mdy", "dmy")
MONTHS = {  # by their first letters, which tell them apart in English and Spanish alike
    "jan": 1, "ene": 1, "feb": 2, "mar": 3, "apr": 4, "abr": 4, "may": 5, "jun": 6, "jul": 7, "aug": 8, "ago": 8,
    "sep": 9, "set": 9, "oct": 10, "nov": 11, "dec": 12, "dic": 12,
}  # fmt: skip
MONTH_NAMES = {
    "january", "february", "march", "april", "may", "june", "july", "august", "september", "october", "november",
    "december", "sept", "enero", "febrero", "marzo", "abril", "mayo", "junio", "julio", "agosto", "septiembre",
    "setiembre", "octubre", "noviembre", "diciembre",
}  # fmt: skip


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
    """A date as 1965-04-02, 1965/04/02 or 02-Apr-1965, or with slashes where the order is sure: told by `order`, or
    because a day is over 12. Two digits are never a year: nobody can know the century.
    """
    cell = plain(cell).removeprefix("'")
    _refuse_formula(cell)
    if iso := ISO.match(cell) or YEAR_FIRST.match(cell):
        return _date(int(iso[1]), int(iso[2]), int(iso[3]))
    if (named := DAY_MONTH.match(cell)) and (month := _month(named[2])):
        return _date(int(named[3]), month, int(named[1]))
    if (named := MONTH_DAY.match(cell)) and (month := _month(named[1])):
        return _date(int(named[3]), month, int(named[2]))
    if slashed := SLASHED.match(cell):
        return _slashed(int(slashed[1]), int(slashed[2]), int(slashed[3]), order)
    if re.fullmatch(r"(19|20)\d\d(\.0)?", cell):
        raise BadCell("This is a year alone: write the whole date, like 1965-04-02.")
    if re.fullmatch(r"(19|20)\d{6}", cell):  # as health systems write it
        return _date(int(cell[:4]), int(cell[4:6]), int(cell[6:]))
    if re.fullmatch(r"\d{4,6}(\.0)?", cell):
        raise BadCell("This is a spreadsheet's day number: format the column as a date like 1965-04-02.")
    raise BadCell("This is not a date: write it like 1965-04-02, the year with four digits.")


def not_in_future(died: date, today: date) -> date:
    """Raise BadCell for a day of death that has not come. It is of the writer's zone, so tomorrow's passes."""
    if died.toordinal() > today.toordinal() + 1:
        raise BadCell("The date of death is in the future. Check the year; nothing was changed.")
    return died


def _month(name: str) -> int:
    """1 to 12; 0 for a word that is no month. A short form has three letters, or is `Sept`."""
    name = name.lower()
    return MONTHS.get(name[:3], 0) if len(name) == 3 or name in MONTH_NAMES else 0


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
