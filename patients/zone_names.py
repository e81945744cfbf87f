"""Names of time zones as people and programs write them, and which city's zone is meant. Pure."""

import re

from icalendar.timezone.windows_to_olson import WINDOWS_TO_OLSON

SIGNED = re.compile(r"^(Etc/)?(GMT|UTC)[+-]?\d+$")
MEANT = {  # what an abbreviation leaves out: whether the clocks change, or which hemisphere's summer it is
    "EST": "America/New_York, or America/Panama where the clocks never change",
    "EST5EDT": "America/New_York",
    "EDT": "America/New_York",
    "CST": "America/Chicago, or America/Mexico_City where the clocks never change",
    "CST6CDT": "America/Chicago",
    "CDT": "America/Chicago",
    "MST": "America/Denver, or America/Phoenix where the clocks never change",
    "MST7MDT": "America/Denver",
    "MDT": "America/Denver",
    "PST": "America/Los_Angeles",
    "PST8PDT": "America/Los_Angeles",
    "PDT": "America/Los_Angeles",
    "AKST": "America/Anchorage",
    "HST": "Pacific/Honolulu",
    "AST": "America/Puerto_Rico, or America/Halifax where the clocks change",
    "GMT": "Europe/London, or Africa/Accra where the clocks never change",
    "BST": "Europe/London",
    "WET": "Europe/Lisbon",
    "CET": "Europe/Madrid",
    "CEST": "Europe/Madrid",
    "MET": "Europe/Madrid",
    "EET": "Europe/Athens",
    "IST": "Asia/Kolkata, Europe/Dublin or Asia/Jerusalem",
}
BY_WINDOWS = {name.casefold(): city for name, city in WINDOWS_TO_OLSON.items() if not city.startswith("Etc/")}
LIKE_GMT = {"GMT0", "Greenwich", "Zulu", "Universal", "UCT"}


def from_windows(name: str) -> str:
    """The IANA name of a Windows zone such as Eastern Standard Time; any other text as it is."""
    return BY_WINDOWS.get(" ".join(name.split()).casefold(), name)


def city_for(name: str) -> str:
    """What to write instead of a name that says less than a city does; empty for any other name."""
    plain = name.removeprefix("Etc/")
    if plain == "UTC":
        return "" if name == plain else "UTC"
    if plain in MEANT:
        return MEANT[plain]
    if plain in LIKE_GMT or SIGNED.fullmatch(name) or plain.startswith("GMT"):
        return "the nearest city such as America/New_York, as an offset has no summer time"
    windows = from_windows(name)
    return windows if windows != name else ""
