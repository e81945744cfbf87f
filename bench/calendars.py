"""By hand: do other calendar programs follow a visit that is booked, moved and cancelled? `docs/delivery.md` says how.

    python -m bench.calendars FOLDER [--khal PATH] [--icaljs PATH]

Writes what is mailed and what a feed answers, into FOLDER; then reads it with khal and ical.js where they are given.
`tests/exchange/test_calendar_followed.py` holds the same against `icalendar` in every build.
"""

import argparse
import os
import shutil
import subprocess
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path

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
    "1-booked": VISIT,
    "2-moved": replace(VISIT, sequence=2, starts=WINTER),
    "3-cancelled": replace(VISIT, sequence=3, starts=WINTER, is_cancelled=True),
}
READ = """
import ICAL from "ICALJS";
import fs from "fs";
for (const file of process.argv.slice(2)) {
  const calendar = new ICAL.Component(ICAL.parse(fs.readFileSync(file, "utf8")));
  const found = calendar.getAllSubcomponents("vevent").map((one) => {
    const event = new ICAL.Event(one);
    const status = one.getFirstPropertyValue("status");
    return [event.uid, event.sequence, status, event.startDate.toJSDate().toISOString()].join(" ");
  });
  console.log(file.split("/").pop(), calendar.getFirstPropertyValue("method"), "|", found.join(" ; ") || "no event");
}
"""


def main() -> None:
    options = _options()
    options.folder.mkdir(parents=True, exist_ok=True)
    mailed, feeds = write(options.folder)
    if options.icaljs:
        by_icaljs(options.folder, options.icaljs, [*mailed, *feeds])
    if options.khal:
        by_khal(options.folder, options.khal, mailed)


def write(folder: Path) -> tuple[list[Path], list[Path]]:
    """What is mailed, and what the feed answers at that time."""
    mailed, feeds = [], []
    for number, (name, visit) in enumerate(STEPS.items()):
        now = NOW + timedelta(minutes=number)
        mailed.append(folder / f"mail-{name}.ics")
        mailed[-1].write_bytes(invitation(visit, now=now)[1])
        feeds.append(folder / f"feed-{name}.ics")
        feeds[-1].write_bytes(ics([] if visit.is_cancelled else [visit], method=None, now=now))
    return mailed, feeds


def by_icaljs(folder: Path, module: Path, files: list[Path]) -> None:
    script = folder / "read.mjs"
    script.write_text(READ.replace("ICALJS", str(module)))
    subprocess.run(["node", str(script), *map(str, files)], check=True)


def by_khal(folder: Path, khal: Path, files: list[Path]) -> None:
    """One calendar, into which each file is imported in turn, as somebody opens the mails one after the other."""
    home = folder / "khal"
    shutil.rmtree(home, ignore_errors=True)
    (home / "visits").mkdir(parents=True)
    config = home / "config"
    config.write_text(
        f"[calendars]\n[[visits]]\npath = {home / 'visits'}\n[sqlite]\npath = {home / 'khal.db'}\n"
        "[locale]\nlocal_timezone = America/New_York\ndefault_timezone = America/New_York\n"
        "timeformat = %H:%M\ndateformat = %Y-%m-%d\nlongdateformat = %Y-%m-%d\n"
        "datetimeformat = %Y-%m-%d %H:%M\nlongdatetimeformat = %Y-%m-%d %H:%M\n"
    )
    run = [str(khal), "-c", str(config)]
    own = os.environ | {"HOME": str(home), "XDG_DATA_HOME": str(home), "XDG_CACHE_HOME": str(home)}
    shown = ["list", "--format", "{start} {title} {status}", "2026-01-01", "365d"]
    for file in files:
        subprocess.run([*run, "import", "--batch", "-a", "visits", str(file)], check=True, env=own)
        listed = subprocess.run([*run, *shown], check=True, env=own, capture_output=True, text=True).stdout
        print(file.name, "|", " / ".join(listed.split("\n")))


def _options() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("folder", type=Path)
    parser.add_argument("--khal", type=Path, help="the program `khal` of a virtual environment of its own")
    parser.add_argument("--icaljs", type=Path, help="node_modules/ical.js/dist/ical.js of `npm install ical.js`")
    return parser.parse_args()


if __name__ == "__main__":
    main()
