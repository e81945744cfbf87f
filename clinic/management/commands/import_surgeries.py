"""Enrols operations from CSV. docs/import.md explains."""

from argparse import ArgumentParser
from typing import Any

from django.core.management.base import BaseCommand

from clinic.exchange import arguments, files, surgery_import
from clinic.exchange.import_rows import UnusableInput
from clinic.exchange.progress_bar import Shown
from clinic.exchange.report import ImportReport
from patients import clock, column_mappings
from patients.models.column_mapping import FileKind
from reminders.further_operation import RunningPlan


class Command(BaseCommand):
    help = "Enrol operations from a CSV file or an Excel workbook: patient number, procedure, date, surgeon."

    def add_arguments(self, parser: ArgumentParser) -> None:
        arguments.add(parser)
        parser.add_argument(
            "--running-plan",
            choices=RunningPlan.values,
            default=RunningPlan.END,
            help="What becomes of a plan the patient has already, once a later operation follows: %(default)s.",
        )

    def handle(self, *_args: object, **options: Any) -> None:
        try:
            with arguments.reporting(options["report"], dry_run=options["dry_run"]) as report:
                self._enrol(options, report)
        except UnusableInput as error:
            raise arguments.unusable(error) from None
        arguments.finish(report, path=options["report"], out=self.stdout)

    def _enrol(self, options: dict[str, Any], report: ImportReport) -> None:
        site, by = arguments.site_and_staff(options["site"], options["by"])
        now = clock.now()
        told = column_mappings.told(site, FileKind.OPERATIONS, arguments.mapping(options["map"]))
        read_as = files.ReadAs(site.today(now), options["date_format"], told, options["encoding"])
        source = files.surgeries(options["path"], read_as)
        surgery_import.enrol_all(
            source,
            site=site,
            by=by,
            now=now,
            report=report,
            running_plan=options["running_plan"],
            each=Shown(),
        )
        if not report.total and not report.interrupted:
            raise UnusableInput("There are no rows below the header: nothing to import.")
        report.notes += source.notes
        if not options["dry_run"]:
            column_mappings.keep(site, FileKind.OPERATIONS, arguments.mapping(options["map"]))
