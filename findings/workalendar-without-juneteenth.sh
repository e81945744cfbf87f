#!/bin/sh
# workalendar 17.0.0 (PyPI) calls Juneteenth a working day in the United States, in the federal calendar and in 2026.
#
# Behaviour: `UnitedStates().holidays(2026)` lists ten holidays and the observed Independence Day; 19 June, a federal
# holiday by law since 2021 (5 U.S.C. 6103), is not among them, and `is_working_day` says True. New York and Florida
# are the same. `holidays` 0.109 has it in all of them. In Madrid they differ on eight days of 2026 and
# 2027, most of them days that the region moves to a Monday: who plans by one closes on other days than who uses the other.
# Expected: 19 June among the holidays of 2021 and later.
#
# Needs Python 3.9 or newer and PyPI. Exit 0: it still behaves so. Exit 1: it has changed.
set -eu
folder=$(mktemp -d); trap 'rm -rf "$folder"' EXIT
python3 -m venv "$folder/venv"
"$folder/venv/bin/pip" install --quiet workalendar==17.0.0 holidays==0.109 2>/dev/null
PYTHONWARNINGS=ignore "$folder/venv/bin/python" - <<'PYTHON'
import sys
from datetime import date
from importlib.metadata import version
import holidays
from workalendar.registry import registry

DAY = date(2026, 6, 19)
seen = []
for code, region in (("US", None), ("US-NY", "NY"), ("US-FL", "FL")):
    calendar = registry.get(code)()
    seen.append((calendar.is_working_day(DAY), DAY in holidays.country_holidays("US", subdiv=region, years=2026)))
    print(f"{code}: workalendar {version('workalendar')} works on {DAY}: {seen[-1][0]}; "
          f"holidays {version('holidays')} is closed: {seen[-1][1]}")
years = (2026, 2027)
one = {day for year in years for day, _ in registry.get("ES-MD")().holidays(year)}
other = set(holidays.country_holidays("ES", subdiv="MD", years=years))
print("ES-MD, in one of them only:", ", ".join(str(day) for day in sorted(one ^ other)))
sys.exit(0 if seen == [(True, True)] * 3 and len(one ^ other) == 8 else 1)
PYTHON
