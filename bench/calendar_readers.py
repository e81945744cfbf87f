"""Three programs that read calendars, and what each of them shows after each file that reaches it.

A mailed file is opened, one after the other: it adds an entry, or changes the one of the same UID. A feed is looked at
again at the same address: what it does not list any more is gone.
"""

import json
import os
import shutil
import subprocess
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime
from functools import partial
from http.server import SimpleHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from threading import Thread
from zoneinfo import ZoneInfo

from icalendar import Calendar

ZONE = ZoneInfo("America/New_York")
SECONDS = 60  # a program that has not answered by then hangs
SOURCES = ("mail", "feed")
NOTHING = "nothing"
ICALJS = """
import ICAL from "ICALJS";
import fs from "fs";
const read = (file) => {
  const calendar = new ICAL.Component(ICAL.parse(fs.readFileSync(file, "utf8")));
  return calendar.getAllSubcomponents("vevent").map((one) => {
    const event = new ICAL.Event(one);
    const starts = event.startDate.toJSDate().toLocaleString("sv", { timeZone: "America/New_York" });
    return [event.uid, event.sequence, starts.slice(0, 16), one.getFirstPropertyValue("status")];
  });
};
console.log(JSON.stringify(process.argv.slice(2).map(read)));
"""
KHAL = """
[calendars]
[[visits]]
path = {home}/visits
[sqlite]
path = {home}/khal.db
[locale]
local_timezone = America/New_York
default_timezone = America/New_York
timeformat = %H:%M
dateformat = %Y-%m-%d
longdateformat = %Y-%m-%d
datetimeformat = %Y-%m-%d %H:%M
longdatetimeformat = %Y-%m-%d %H:%M
"""
VDIRSYNCER = """
[general]
status_path = "{home}/status"
[pair visits]
a = "feed"
b = "kept"
collections = null
[storage feed]
type = "http"
url = "{address}"
[storage kept]
type = "filesystem"
path = "{home}/visits"
fileext = ".ics"
"""


@dataclass(frozen=True, slots=True)
class Entry:
    """`starts` as New York reads it: 2026-07-08 09:20."""

    uid: str
    sequence: int
    starts: str
    status: str


def by_icalendar(source: str, files: list[Path]) -> list[str]:
    return _kept(source, [_entries(file) for file in files])


def by_icaljs(source: str, files: list[Path], *, module: Path) -> list[str]:
    """`module`: node_modules/ical.js/dist/ical.js."""
    script = files[0].with_name("read.mjs")
    script.write_text(ICALJS.replace("ICALJS", str(module.resolve())))
    answer = _run(["node", str(script), *map(str, files)]).stdout
    return _kept(source, [[Entry(*one) for one in read] for read in json.loads(answer)])


def _entries(file: Path) -> list[Entry]:
    events = Calendar.from_ical(file.read_bytes()).walk("VEVENT")
    return [Entry(str(one["uid"]), one["sequence"], _local(one["dtstart"].dt), str(one["status"])) for one in events]


def _local(moment: datetime) -> str:
    return f"{moment.astimezone(ZONE):%Y-%m-%d %H:%M}"


def _kept(source: str, read: Iterable[list[Entry]]) -> list[str]:
    """A library keeps nothing: this is what a program does that uses it."""
    kept: dict[str, Entry] = {}
    shown = []
    for entries in read:
        kept = kept if source == "mail" else {}
        kept |= {one.uid: one for one in entries if one.uid not in kept or one.sequence > kept[one.uid].sequence}
        shown.append(" / ".join(f"{one.starts} {one.status}" for one in kept.values()) or NOTHING)
    return shown


def by_khal(source: str, files: list[Path], *, program: Path) -> list[str]:
    """Files are imported; for a feed its user has `vdirsyncer`, installed beside it, as khal fetches nothing itself."""
    home = files[0].parent.resolve() / f"khal-{source}"
    shutil.rmtree(home, ignore_errors=True)
    (home / "visits").mkdir(parents=True)
    (home / "config").write_text(KHAL.format(home=home))
    run = [str(program), "-c", str(home / "config")]
    if source == "mail":
        return [_imported(run, file, home) for file in files]
    with _served(home) as address:
        (home / "sync").write_text(VDIRSYNCER.format(home=home, address=address))
        return [_fetched(run, file, home, program.with_name("vdirsyncer")) for file in files]


def _imported(run: list[str], file: Path, home: Path) -> str:
    _run([*run, "import", "--batch", "-a", "visits", str(file)], home)
    return _listed(run, home)


def _fetched(run: list[str], file: Path, home: Path, vdirsyncer: Path) -> str:
    """It takes a feed without any entry for a fault, and then wants to be told that all may go."""
    shutil.copy(file, home / "web" / "feed.ics")
    sync = [str(vdirsyncer), "-c", str(home / "sync")]
    _run([*sync, "discover", "visits"], home)
    if not (asked := _run([*sync, "sync"], home, may_fail=True)).returncode:
        return _listed(run, home)
    if "completely emptied" not in asked.stderr:
        raise SystemExit(f"vdirsyncer: {asked.stderr}")
    before = _listed(run, home)
    _run([*sync, "sync", "--force-delete"], home)
    return f"{_listed(run, home)} (vdirsyncer sync --force-delete; a plain sync leaves: {before})"


def _listed(run: list[str], home: Path) -> str:
    shown = ["list", "--day-format", "", "--format", "{start} {status}", "2026-01-01", "365d"]
    lines = _run([*run, *shown], home).stdout.split("\n")
    return " / ".join(line.strip() for line in lines if line.strip()) or NOTHING


@contextmanager
def _served(home: Path) -> Iterator[str]:
    """The address at which `web/feed.ics` is fetched, on this machine."""
    (home / "web").mkdir()
    server = ThreadingHTTPServer(("127.0.0.1", 0), partial(_Quiet, directory=str(home / "web")))
    Thread(target=server.serve_forever, daemon=True).start()
    try:
        yield f"http://127.0.0.1:{server.server_address[1]}/feed.ics"
    finally:
        server.shutdown()
        server.server_close()


class _Quiet(SimpleHTTPRequestHandler):
    def log_message(self, *_: object) -> None:
        pass


def _run(command: list[str], home: Path | None = None, *, may_fail: bool = False) -> "subprocess.CompletedProcess[str]":
    """With no settings of whoever runs this."""
    own = {"HOME": str(home), "XDG_DATA_HOME": str(home), "XDG_CACHE_HOME": str(home)} if home else {}
    done = subprocess.run(
        command, env=os.environ | own, capture_output=True, text=True, timeout=SECONDS, stdin=subprocess.DEVNULL
    )
    if done.returncode and not may_fail:
        raise SystemExit(f"{command[0]}: {done.stderr}")
    return done
