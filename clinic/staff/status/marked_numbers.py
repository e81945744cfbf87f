"""Patient numbers that were told apart only by characters nobody sees; the upgrade marked them, a manager decides."""

import re
from collections.abc import Iterable

from clinic.staff.formats import count
from patients.models import Patient, Site
from patients.models.patient import PatientStatus
from reminders.delivery.monitoring.watchdogs import WatchdogWarning

MARKED = re.compile(r"^(.+) \[\d+\]$")  # see migration 0015 of patients
SHOWN = 5


def warnings(sites: Iterable[Site]) -> list[tuple[str, WatchdogWarning]]:
    """One for each site that has such numbers beside the one they equal."""
    return [(str(site), _warning(site, marked)) for site in sites if (marked := _marked(site))]


def _marked(site: Site) -> list[str]:
    here = Patient.objects.for_site(site).exclude(status=PatientStatus.MERGED)
    ends = here.filter(number__endswith="]").order_by("pk").values_list("number", flat=True)
    found = {number: match[1] for number in ends if (match := MARKED.match(number))}
    others = set(here.filter(number__in=found.values()).values_list("number", flat=True))
    return [number for number, other in found.items() if other in others]


def _warning(site: Site, marked: list[str]) -> WatchdogWarning:
    shown = ", ".join(marked[:SHOWN]) + (", …" if len(marked) > SHOWN else "")
    what = "number was" if len(marked) == 1 else "numbers were"
    sentence = (
        f"{count(len(marked), 'patient')} had the number of another one, but for characters nobody sees. The {what} "
        f"marked: {shown}. Compare each with the number without the mark, and merge them where it is one person."
    )
    return WatchdogWarning("marked_numbers", None, len(marked), sentence, site=site.pk)
