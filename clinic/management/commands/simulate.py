"""`manage.py simulate`: every text of an invented patient with its moment. docs/simulator.md explains."""

import csv
from argparse import ArgumentParser
from datetime import date
from typing import Any
from zoneinfo import ZoneInfo

from django.core.exceptions import ValidationError
from django.core.management.base import BaseCommand, CommandError, CommandParser

from clinic.simulation import LONGEST, SimulatedMessage, SimulationCase, simulate
from patients import validators
from patients.models import Site
from patients.models.contact import Channel
from patients.models.surgery import Job, PhysicalTherapy
from reminders.plan.models import ProtocolVersion

COLUMNS = [
    "local_date",
    "local_time",
    "utc",
    "day",
    "step",
    "occurrence",
    "channel",
    "why",
    "shifts",
    "subject",
    "text",
]


class Command(BaseCommand):
    help = "Show every message an invented patient would get, when, and why any would not be sent. Saves nothing."

    def create_parser(self, prog_name: str, subcommand: str, **options: Any) -> CommandParser:
        """Every command has a --version that asks for Django's; here it is the protocol's."""
        return super().create_parser(prog_name, subcommand, conflict_handler="resolve", **options)

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("--protocol", required=True, help="The protocol's code, such as miss-base.")
        parser.add_argument("--version", type=int, help="The protocol's version. Default: the latest.")
        parser.add_argument("--site", default="", help="The site's code; needed if there is more than one site.")
        parser.add_argument("--date", required=True, help="Day of surgery, like 2026-03-02.")
        parser.add_argument("--zone", default="", help="The patient's time zone. Default: the site's.")
        parser.add_argument("--language", default="", help="The language of the messages. Default: the site's.")
        parser.add_argument("--channels", default="sms,email", help="What the patient agreed to: sms, email or both.")
        parser.add_argument("--therapy", choices=PhysicalTherapy.values, default="undecided")
        parser.add_argument("--job", choices=Job.values, default="unknown")
        parser.add_argument("--days", type=int, default=400, help=f"How many days to show, 1 to {LONGEST}.")
        parser.add_argument("--format", choices=["text", "csv"], default="text")
        parser.add_argument(
            "--booked", action="store_true", help="As if each visit were booked for 10:00 on its target day."
        )
        parser.add_argument("--limits", action="store_true", help="Show only what the site's message limits change.")

    def handle(self, *_args: object, **options: Any) -> None:
        case = _case(options)
        lines = [line for line in simulate(case) if line.is_limited or not options["limits"]]
        if options["format"] == "csv":
            self._csv(case, lines)
            return
        self.stdout.write(f"{case.version}, operated on {case.day0}, {case.days} days, {_zone(case)}, {case.language}")
        for line in lines:
            self.stdout.write(limited(case, line) if options["limits"] else _paragraph(case, line))

    def _csv(self, case: SimulationCase, lines: list[SimulatedMessage]) -> None:
        table = csv.writer(self.stdout, lineterminator="\n")
        table.writerow(COLUMNS)
        for line in lines:
            local = line.at.astimezone(_zone(case))
            table.writerow([
                local.date(), f"{local:%H:%M}", f"{line.at:%Y-%m-%dT%H:%MZ}", line.day, line.step, line.occurrence,
                line.channel, line.why, " ".join(line.shifts), line.subject, line.text,
            ])  # fmt: skip


def _zone(case: SimulationCase) -> ZoneInfo:
    return ZoneInfo(case.zone or case.site.time_zone)


def _paragraph(case: SimulationCase, line: SimulatedMessage) -> str:
    local = line.at.astimezone(_zone(case))
    says = f"NOT SENT: {line.why}" if line.why else f"{line.channel}: {line.text}"
    why = f" ({' '.join(line.shifts)})" if line.shifts else ""
    return f"{local:%a %Y-%m-%d %H:%M}  day {line.day}  {line.title}, {line.nature}{why}\n    {says}"


def limited(case: SimulationCase, line: SimulatedMessage) -> str:
    """`day 3 to 4: check-in-2`, `day 2, left out: pain-medicine`."""
    if line.moved_from:
        return f"day {(line.moved_from - case.day0).days} to {line.day}: {line.step}"
    return f"day {line.day}, {line.why.split(':')[0].lower()}: {line.step}"


def _case(options: dict[str, Any]) -> SimulationCase:
    site = _site(options["site"])
    channels = tuple(word.strip() for word in options["channels"].split(",") if word.strip())
    if not channels or not set(channels) <= set(Channel.values):
        raise CommandError("--channels must be sms, email or sms,email.")
    if not 1 <= options["days"] <= LONGEST:
        raise CommandError(f"Give --days a number from 1 to {LONGEST}.")
    try:
        day0 = date.fromisoformat(options["date"])
    except ValueError:
        raise CommandError(f"“{options['date']}” is not a day. Write it like 2026-03-02.") from None
    try:
        validators.year(day0)
        validators.time_zone(options["zone"] or site.time_zone)
        validators.language(options["language"] or site.language)
    except ValidationError as error:
        raise CommandError(" ".join(error.messages)) from None
    return SimulationCase(
        site=site,
        version=_version(site, options["protocol"], options["version"]),
        day0=day0,
        days=options["days"],
        zone=options["zone"],
        language=options["language"] or site.language,
        channels=channels,
        physical_therapy=options["therapy"],
        job=options["job"],
        books=options["booked"],
    )


def _site(code: str) -> Site:
    sites = Site.objects.filter(code=code) if code else Site.objects.all()
    if len(sites) != 1:
        codes = ", ".join(Site.objects.order_by("code").values_list("code", flat=True)) or "none yet"
        raise CommandError(f"Name the site: --site with one of these codes: {codes}.")
    return sites[0]


def _version(site: Site, protocol: str, number: int | None) -> ProtocolVersion:
    versions = ProtocolVersion.objects.filter(protocol__site=site, protocol__code=protocol).select_related("protocol")
    found = (versions.filter(number=number) if number else versions).order_by("-number").first()
    if found is None:
        codes = ProtocolVersion.objects.filter(protocol__site=site).values_list("protocol__code", "number")
        known = ", ".join(f"{code} {n}" for code, n in sorted(codes)) or "none yet"
        raise CommandError(f"There is no such version at {site}. Its protocols and versions are: {known}.")
    return found
