"""Brings patients in from FHIR R4, CSV or Excel. docs/import.md explains."""

from argparse import ArgumentParser
from typing import Any

from django.core.management.base import BaseCommand

from clinic.exchange import arguments, files, patient_import
from clinic.exchange.contact_import import Agreed
from clinic.exchange.import_rows import UnusableInput
from clinic.exchange.progress_bar import Shown
from clinic.exchange.report import ImportReport
from patients import clock, column_mappings
from patients.models.column_mapping import FileKind
from patients.models.contact import ConsentSource


class Command(BaseCommand):
    help = "Import patients from CSV, TSV, Excel or FHIR R4 (NDJSON, a Bundle, or a folder of them)."

    def add_arguments(self, parser: ArgumentParser) -> None:
        arguments.add(parser)
        parser.add_argument("--consent", default="", help="What these patients agreed to, word for word.")
        parser.add_argument("--consent-source", choices=ConsentSource.values, default=ConsentSource.IMPORT)
        parser.add_argument(
            "--without-contact",
            action="store_true",
            help="Also import patients without a usable phone or e-mail: their messages go on reception's call list.",
        )

    def handle(self, *_args: object, **options: Any) -> None:
        try:
            with arguments.reporting(options["report"], dry_run=options["dry_run"]) as report:
                self._take(options, report)
        except UnusableInput as error:
            raise arguments.unusable(error) from None
        arguments.finish(report, path=options["report"], out=self.stdout)

    def _take(self, options: dict[str, Any], report: ImportReport) -> None:
        site, by = arguments.site_and_staff(options["site"], options["by"])
        now = clock.now()
        wording = options["consent"].strip()
        said = arguments.mapping(options["map"])
        source = files.patients(
            options["path"],
            today=site.today(now),
            date_order=options["date_format"],
            told=column_mappings.told(site, FileKind.PATIENTS, said),
            encoding=options["encoding"],
        )
        patient_import.take(
            source,
            site=site,
            by=by,
            now=now,
            report=report,
            agreed=Agreed(wording, options["consent_source"]) if wording else None,
            without_contact=options["without_contact"],
            each=Shown(),
        )
        if not report.total and not report.interrupted:
            raise UnusableInput("There are no rows below the header: nothing to import.")
        report.notes += source.notes
        if not options["dry_run"]:
            column_mappings.keep(site, FileKind.PATIENTS, said)
