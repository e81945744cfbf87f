#!/bin/sh
# vobject 0.9.9 (PyPI, with tzdata 2026.6 and python-dateutil) names a zone by its abbreviation.
#
# Behaviour: an event whose start has a zoneinfo zone is written with TZID=CST, IST or MST, and the file gets one
# VTIMEZONE for each such name, of the zone that came first. Two places that share the letters share the clock:
# of Chicago and Shanghai in one calendar the second is read back 13 hours late, of Kolkata and Dublin 4.5 hours
# early, of Phoenix and Denver an hour late. Nothing is raised, and each event alone is right.
# Expected: the IANA name of the zone as TZID, as zoneinfo gives it in `key`.
#
# Needs Python 3.9 or newer and PyPI. Exit 0: it still behaves so. Exit 1: it has changed.
set -eu
folder=$(mktemp -d); trap 'rm -rf "$folder"' EXIT
python3 -m venv "$folder/venv"
"$folder/venv/bin/pip" install --quiet vobject==0.9.9 tzdata==2026.6 python-dateutil==2.9.0.post0 2>/dev/null
PYTHONWARNINGS=ignore "$folder/venv/bin/python" - <<'PYTHON'
import re, sys
from datetime import datetime, timezone
from zoneinfo import ZoneInfo, reset_tzpath
import vobject

reset_tzpath(to=())  # the package's zones, so that the output is the same everywhere
NINE = datetime(2026, 7, 6, 9)


def read_back(*zones):
    calendar = vobject.iCalendar()
    for number, zone in enumerate(zones):
        event = calendar.add("vevent")
        event.add("uid").value = f"{number}@example.org"
        event.add("summary").value = zone
        event.add("dtstart").value = NINE.replace(tzinfo=ZoneInfo(zone))
    text = calendar.serialize()
    names = set(re.findall(r"TZID[=:](\w+)", text))
    off = {}
    for event in vobject.readOne(text).vevent_list:
        meant = NINE.replace(tzinfo=ZoneInfo(event.summary.value))
        off[event.summary.value] = (event.dtstart.value.astimezone(timezone.utc) - meant.astimezone(timezone.utc)).total_seconds() / 3600
    print(f"vobject {vobject.VERSION}: TZID {', '.join(sorted(names))}: hours off {off}")
    return names, off


seen = [
    read_back("America/Chicago", "Asia/Shanghai"),
    read_back("Asia/Kolkata", "Europe/Dublin"),
    read_back("America/Phoenix", "America/Denver"),
]
expected = [
    ({"CST"}, {"America/Chicago": 0, "Asia/Shanghai": 13}),
    ({"IST"}, {"Asia/Kolkata": 0, "Europe/Dublin": -4.5}),
    ({"MST"}, {"America/Phoenix": 0, "America/Denver": 1}),
]
sys.exit(0 if seen == expected else 1)
PYTHON
# Output seen on 2026-12-01 (Python 3.11):
#   vobject 0.9.9: TZID CST: hours off {'America/Chicago': 0.0, 'Asia/Shanghai': 13.0}
#   vobject 0.9.9: TZID IST: hours off {'Asia/Kolkata': 0.0, 'Europe/Dublin': -4.5}
#   vobject 0.9.9: TZID MST: hours off {'America/Phoenix': 0.0, 'America/Denver': 1.0}
