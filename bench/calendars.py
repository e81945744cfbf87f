"""By hand: do other calendar programs follow a visit that is booked, moved and cancelled? `docs/delivery.md` says how.

    python -m bench.calendars FOLDER [--khal PATH] [--icaljs PATH]

Writes what is mailed and what a feed answers, into FOLDER; reads both with `icalendar`, and with khal and ical.js where
they are given. Ends with 1 where one of them shows something else. `tests/exchange/test_calendar_followed.py` and
`test_calendar_feeds.py` hold the same against `icalendar` in every build.
"""

import argparse
import sys
from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from functools import partial
from pathlib import Path

from bench.calendar_readers import NOTHING, SOURCES, by_icalendar, by_icaljs, by_khal
from reminders.calendar_entry import CalendarVisit, ics, invitation

NOW = datetime(2026, 3, 2, 15, 0, tzinfo=UTC)
SUMMER, WINTER = datetime(2026, 7, 8, 13, 20, tzinfo=UTC), datetime(2026, 12, 9, 14, 20, tzinfo=UTC)
VISIT = CalendarVisit(
    uid="visit-1@riverside.aftercare",
    sequence=1,
    starts=SUMMER,
    title="Visit, Riverside Clinic",
    where="120 Riverside Avenue",
    organizer="care@riverside.example.org",
    attendee="ana@example.org",
)
STEPS = {
    "booked": VISIT,
    "moved": replace(VISIT, sequence=2, starts=WINTER),
    "cancelled": replace(VISIT, sequence=3, starts=WINTER, is_cancelled=True),
}
EXPECTED = {
    "mail": ["2026-07-08 09:20 CONFIRMED", "2026-12-09 09:20 CONFIRMED", "2026-12-09 09:20 CANCELLED"],
    "feed": ["2026-07-08 09:20 CONFIRMED", "2026-12-09 09:20 CONFIRMED", NOTHING],
}
Reader = Callable[[str, list[Path]], list[str]]


def main() -> int:
    options = _options()
    options.folder.mkdir(parents=True, exist_ok=True)
    files = write(options.folder)
    readers: dict[str, Reader] = {"icalendar": by_icalendar}
    if options.icaljs:
        readers["ical.js"] = partial(by_icaljs, module=options.icaljs)
    if options.khal:
        readers["khal"] = partial(by_khal, program=options.khal)
    follows = [_report(name, source, reader(source, files[source])) for name, reader in readers.items()
               for source in SOURCES]  # fmt: skip
    return 0 if all(follows) else 1


def write(folder: Path) -> dict[str, list[Path]]:
    """What is mailed after each step, and what the feed answers then."""
    files: dict[str, list[Path]] = {source: [] for source in SOURCES}
    for number, (name, visit) in enumerate(STEPS.items(), 1):
        now = NOW + timedelta(minutes=number)
        listed = [] if visit.is_cancelled else [replace(visit, organizer="", attendee="")]
        written = {"mail": invitation(visit, now=now)[1], "feed": ics(listed, method=None, now=now)}
        for source, content in written.items():
            files[source].append(folder / f"{source}-{number}-{name}.ics")
            files[source][-1].write_bytes(content)
    return files


def _report(name: str, source: str, shown: list[str]) -> bool:
    """Whether this program shows what it should after each step."""
    follows = [seen.split(" (")[0] == wanted for seen, wanted in zip(shown, EXPECTED[source], strict=True)]
    for step, seen, right in zip(STEPS, shown, follows, strict=True):
        print(f"{name:9} | {source} | {step:9} | {'ok' if right else 'WRONG'} | {seen}")
    return all(follows)


def _options() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("folder", type=Path)
    parser.add_argument("--khal", type=Path, help="the program `khal` of a virtual environment that has vdirsyncer too")
    parser.add_argument("--icaljs", type=Path, help="node_modules/ical.js/dist/ical.js of `npm install ical.js`")
    return parser.parse_args()


if __name__ == "__main__":
    sys.exit(main())
