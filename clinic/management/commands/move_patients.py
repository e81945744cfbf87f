"""Moves a protocol's current patients to its signed version, here and now. docs/versions.md explains."""

from argparse import ArgumentParser
from typing import Any

from django.core.exceptions import PermissionDenied, ValidationError
from django.core.management.base import BaseCommand, CommandError
from tqdm import tqdm

from clinic.exchange.arguments import site_and_staff
from clinic.exchange.import_rows import UnusableInput
from patients import clock
from patients.models import Site, StaffMember
from reminders import version_moves
from reminders.plan.models import ProtocolVersion, VersionMove
from reminders.version_moves import BATCH


class Command(BaseCommand):
    help = "Move current patients to the signed version of their protocol. If it was interrupted, start it again."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("--site", required=True, help="The site's code, such as riverside.")
        parser.add_argument("--protocol", required=True, help="The protocol's code, such as miss-base.")
        parser.add_argument("--by", required=True, help="User name of the surgeon or manager who decides this.")
        parser.add_argument("--why", default="", help="The reason, in a few words; kept with each patient's plan.")
        parser.add_argument("--batch", type=int, default=BATCH, help=f"Patients in one transaction ({BATCH}).")
        parser.add_argument("--preview", action="store_true", help="Show what would happen, and change nothing.")

    def handle(self, *_args: object, **options: Any) -> None:
        try:
            site, by = site_and_staff(options["site"], options["by"])
            version = _signed(site, options["protocol"])
            if options["preview"]:
                return self._preview(version, by)
            self._move(version, by, options["why"], max(options["batch"], 1))
        except UnusableInput as error:
            raise CommandError(str(error), returncode=2) from None
        except (ValidationError, PermissionDenied) as error:
            said = error.messages if isinstance(error, ValidationError) else [str(error)]
            raise CommandError(" ".join(said), returncode=2) from None

    def _preview(self, version: ProtocolVersion, by: StaffMember) -> None:
        number = version_moves.waiting(version).count()
        with tqdm(total=number, unit=" patients", file=self.stderr) as bar:
            total, refused = version_moves.preview(version, by=by, clock=clock.now, each=bar.update)
        self.stdout.write(f"To {version}: {number} patients, {refused} of them cannot be moved now.")
        self.stdout.write(
            f"Messages: {total.moved} are moved, {total.added} are added, {total.dropped} are dropped, "
            f"{total.missed} are missed (their new day has passed), {total.doubled} would be sent twice."
        )

    def _move(self, version: ProtocolVersion, by: StaffMember, why: str, batch: int) -> None:
        """Takes the move over from whoever works at it: safe at any moment, and nobody has to wait for a dead one."""
        move = version_moves.start(version, why=why, by=by, now=clock.now())
        version_moves.go_on(move, by=by, now=clock.now())
        with tqdm(total=version_moves.waiting(version).count(), unit=" patients", file=self.stderr) as bar:
            version_moves.run(move.pk, clock=clock.now, by_force=True, batch=batch, each=bar.update)
        move.refresh_from_db()
        self._say(move)

    def _say(self, move: VersionMove) -> None:
        self.stdout.write(f"{move.moved} patients are on {move.version}, {move.failed} could not be moved.")
        if move.failed:
            self.stdout.write("The reason is on each patient's record and on the page of this move.")
        if move.finished_at is None:
            raise CommandError("Stopped before the end. Run the same command again for the rest.", returncode=3)


def _signed(site: Site, code: str) -> ProtocolVersion:
    known = ProtocolVersion.objects.signed().filter(protocol__site=site)
    if version := known.filter(protocol__code=code).select_related("protocol__site").first():
        return version
    codes = ", ".join(known.order_by("protocol__code").values_list("protocol__code", flat=True)) or "none yet"
    raise UnusableInput(f"There is no protocol “{code}” with a signed version at {site}. There are: {codes}.")
