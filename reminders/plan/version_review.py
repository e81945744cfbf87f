"""One version held against the rules: its faults, its warnings, and what its texts weigh at its own site."""

from dataclasses import dataclass

from django.conf import settings

from patients import phones
from patients.models import Site
from reminders.plan import blank_checks
from reminders.plan.load_protocol import read
from reminders.plan.models import ProtocolVersion, StepText
from reminders.plan.signing_checks import StepWords, faults, warnings


@dataclass(frozen=True, slots=True)
class ReviewVerdict:
    """Sentences to be read: with a fault nobody can sign; each warning is ticked by who signs."""

    faults: list[str]
    warnings: list[str]


def judge(version: ProtocolVersion) -> ReviewVerdict:
    """Its texts are held against the rules as they will leave: with its blanks filled in, and without struck ones."""
    site, spec, texts = version.protocol.site, read(version), texts_of(version)
    open_blanks = blank_checks.faults(version.blanks, blank_checks.places(texts, pages_of(version)), site.country)
    texts = blank_checks.filled(texts, version.blanks)
    return ReviewVerdict(
        faults=[*open_blanks, *faults(spec, texts, site.languages, titles_of(version))],
        warnings=warnings(spec, texts, site.languages, known_values(site)),
    )


def texts_of(version: ProtocolVersion) -> dict[tuple[str, str], StepWords]:
    """Every text of a version, by step code and language."""
    texts = StepText.objects.filter(step__version=version).select_related("step")
    return {(text.step.code, text.language): StepWords(text.sms, text.subject, text.body) for text in texts}


def pages_of(version: ProtocolVersion) -> dict[str, dict[str, list[str]]]:
    """What the patient's page shows, by what staff call it."""
    phases = version.phases.all()
    lines = {f"phase {one.code}, {name}": getattr(one, name) for one in phases for name in ("do", "avoid")}
    return lines | {"the questions people ask": version.advice}


def titles_of(version: ProtocolVersion) -> dict[str, dict[str, str]]:
    """Named with their kind: a phase and a check-up may have the same code."""
    phases, check_ups = version.phases.all(), version.check_ups.all()
    return {f"Phase {one.code}": one.title for one in phases} | {f"Check-up {one.code}": one.title for one in check_ups}


def known_values(site: Site) -> dict[str, str]:
    """What every text of this site is filled with, whoever the patient is."""
    return {
        "clinic_phone": phones.spoken(str(site.phone)),
        "emergency_number": site.emergency_number,
        "link": f"{settings.PUBLIC_URL}/p/{'x' * 12}/",
    }
