"""`manage.py protocol export|import`: a version as a file that a person can read. docs/protocols.md explains."""

from pathlib import Path
from typing import Any

from django.core.exceptions import PermissionDenied
from django.core.management.base import BaseCommand, CommandError, CommandParser

from patients import clock
from patients.models import Site, StaffMember
from reminders.plan.files.document_rows import export
from reminders.plan.files.import_draft import take
from reminders.plan.files.yaml_tree import LARGEST, UnreadableFile
from reminders.plan.models import Protocol, ProtocolVersion


class Command(BaseCommand):
    help = (
        "Write a version of a protocol to a YAML file, or read such a file, as a whole or not at all, as a new draft."
    )

    def add_arguments(self, parser: CommandParser) -> None:
        commands = parser.add_subparsers(dest="action", required=True)
        out = commands.add_parser("export", help="Write one version of a protocol to a file.")
        out.add_argument("code", help="The protocol's code, such as miss-base.")
        out.add_argument("--site", required=True, help="The site's code, such as riverside.")
        out.add_argument("--version-number", type=int, help="Default: the signed version, else the latest.")
        out.add_argument("--to", type=Path, help="The file to write. Default: standard output.")
        into = commands.add_parser("import", help="Read a file as a new draft.")
        into.add_argument("path", type=Path)
        into.add_argument("--site", required=True, help="The site's code, such as riverside.")
        into.add_argument("--by", required=True, help="User name of the person who imports; kept in the audit log.")
        into.add_argument(
            "--new",
            action="store_true",
            help="As a new protocol. Default: as a new version of its own.",
        )

    def handle(self, *args: Any, **options: Any) -> None:
        site = Site.objects.filter(code=options["site"]).first()
        if site is None:
            codes = ", ".join(Site.objects.order_by("code").values_list("code", flat=True)) or "none yet"
            raise _unusable(f"There is no site “{options['site']}”. The sites are: {codes}.")
        if options["action"] == "export":
            self._export(_version(site, options["code"], options["version_number"]), options["to"])
        else:
            self._import(site, options)

    def _export(self, version: ProtocolVersion, to: Path | None) -> None:
        text = export(version)
        if to is None:
            self.stdout.write(text, ending="")
            return
        try:
            to.write_text(text, "utf-8")
        except OSError as error:
            raise _unusable(f"{to} cannot be written: {error.strerror}.") from None
        self.stdout.write(f"{version} is in {to}.")

    def _import(self, site: Site, options: dict[str, Any]) -> None:
        by = StaffMember.objects.filter(username=options["by"], is_active=True).first()
        if by is None:
            raise _unusable(f"There is no active staff member with the user name “{options['by']}”.")
        try:
            with options["path"].open("rb") as file:
                data = file.read(LARGEST + 1)
        except OSError as error:
            raise _unusable(f"{options['path']} cannot be read: {error.strerror}.") from None
        try:
            draft = take(data, site=site, new=options["new"], by=by, now=clock.now())
        except UnreadableFile as error:
            raise _unusable("\n".join(error.sentences)) from None
        except PermissionDenied as error:
            raise _unusable(str(error)) from None
        self.stdout.write(f"{draft} of {site} is a draft. A surgeon must sign it before patients get messages from it.")


def _version(site: Site, code: str, number: int | None) -> ProtocolVersion:
    protocol = Protocol.objects.for_site(site).filter(code=code).first()
    if protocol is None:
        codes = ", ".join(Protocol.objects.for_site(site).order_by("code").values_list("code", flat=True)) or "none"
        raise _unusable(f"{site} has no protocol “{code}”. Its protocols are: {codes}.")
    versions = protocol.versions.order_by("-number")
    found = versions.filter(number=number).first() if number else protocol.signed_version or versions.first()
    if found is None:
        known = ", ".join(str(one.number) for one in versions) or "none"
        raise _unusable(f"“{protocol}” has no version {number or ''}. Its versions are: {known}.")
    return found


def _unusable(sentence: str) -> CommandError:
    return CommandError(sentence, returncode=2)
