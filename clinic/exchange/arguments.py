"""What both import commands take, and how they end."""

from argparse import ArgumentParser
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from django.core.management.base import CommandError, OutputWrapper

from clinic.exchange import columns
from clinic.exchange.cells import ORDERS
from clinic.exchange.import_rows import UnusableInput
from clinic.exchange.report import ImportReport, ReportFile
from patients.models import Site, StaffMember


def add(parser: ArgumentParser) -> None:
    parser.add_argument("path", type=Path, help="The file to import (docs/import.md explains the format).")
    parser.add_argument("--site", required=True, help="The site's code, such as riverside.")
    parser.add_argument("--by", required=True, help="User name of the person who imports; kept in the audit log.")
    parser.add_argument("--dry-run", action="store_true", help="Show what would happen, but save nothing.")
    parser.add_argument("--report", type=Path, help="Write refusals and warnings to this CSV file.")
    parser.add_argument(
        "--date-format", choices=ORDERS, default="", help="How to read 03/04/1965: month first or day first."
    )
    parser.add_argument(
        "--map",
        action="append",
        default=[],
        metavar="COLUMN=FIELD",
        help="Read this column of the file as this field (empty field: leave it out). Kept for the site's next import.",
    )
    parser.add_argument(
        "--encoding", default="", help="The file's encoding, such as cp1252 or mac_roman, where it is not recognized."
    )


def mapping(words: list[str]) -> dict[str, str]:
    """What --map says. Raises UnusableInput where a word is no COLUMN=FIELD."""
    try:
        return columns.read_map(words)
    except ValueError as error:
        raise UnusableInput(f"--map {error}: write it like --map “Cell phone=phone”.") from None


def site_and_staff(site: str, by: str) -> tuple[Site, StaffMember]:
    """The site and the staff member; raises UnusableInput naming what would be right."""
    found = Site.objects.filter(code=site).first()
    if found is None:
        codes = ", ".join(Site.objects.order_by("code").values_list("code", flat=True)) or "none yet"
        raise UnusableInput(f"There is no site “{site}”. The sites are: {codes}.")
    staff = StaffMember.objects.filter(username=by, is_active=True).first()
    if staff is None:
        raise UnusableInput(f"There is no active staff member with the user name “{by}”.")
    return found, staff


@contextmanager
def reporting(path: Path | None, *, dry_run: bool) -> Iterator[ImportReport]:
    """A report that is written to this file row by row. Raises UnusableInput before the import if it cannot be."""
    if path is None:
        yield ImportReport(dry_run=dry_run, keeps_all=False)
        return
    try:
        file = ReportFile(path)
    except OSError as error:
        raise UnusableInput(f"The report cannot be written to {path}: {error.strerror}.") from None
    try:
        yield ImportReport(dry_run=dry_run, keeps_all=False, hears=file.add)
    finally:
        file.close()


def unusable(error: UnusableInput) -> CommandError:
    return CommandError(str(error), returncode=2)


def finish(report: ImportReport, *, path: Path | None, out: OutputWrapper) -> None:
    """Print the report and exit: 0, 1 if rows were refused, 130 when interrupted."""
    for note in report.notes:
        out.write(f"Note: {note}")
    if not path:
        for line in report.first_details():
            out.write(line)
    for line in report.summary():
        out.write(line)
    if path:
        out.write(f"Refusals and warnings are in {path}.")
    if report.exit_code:
        raise SystemExit(report.exit_code)
