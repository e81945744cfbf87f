"""Every process computes local times with the locked `tzdata` package, whatever the system has installed."""

import os
import subprocess
import sys
from datetime import UTC, datetime
from importlib.resources import files
from io import BytesIO
from pathlib import Path
from zoneinfo import TZPATH, ZoneInfo, available_timezones

import pytest

from patients import time_zones

ROOT = Path(__file__).resolve().parents[2]
PRODUCT = [path for name in ("clinic", "patients", "reminders") for path in sorted((ROOT / name).rglob("*.py"))]
DECEMBER = datetime(2026, 12, 1, 9)  # noqa: DTZ001  a clock on the wall
MONTHS = [datetime(2000 + n // 12, n % 12 + 1, 1, tzinfo=UTC) for n in range(0, 40 * 12)]

WALK = """
from datetime import UTC, datetime
from importlib.resources import files
from zoneinfo import TZPATH, ZoneInfo, available_timezones
names = files("tzdata").joinpath("zones").read_text().split()
months = [datetime(2020 + n // 12, n % 12 + 1, 1, tzinfo=UTC) for n in range(0, 15 * 12)]
def differs(name):
    with files("tzdata").joinpath("zoneinfo", name).open("rb") as file:
        own = ZoneInfo.from_file(file, key=name)
    used = ZoneInfo(name)
    return any(at.astimezone(used).utcoffset() != at.astimezone(own).utcoffset() for at in months)
differing = [name for name in names if differs(name)]
print("found", len(names), differing, list(TZPATH), "localtime" in available_timezones())
"""


def test_no_folder_of_the_system_is_asked():
    assert TZPATH == ()


def test_every_zone_is_computed_as_the_package_says():
    """A walk over all zones, month by month for forty years: 0 differences."""
    names = files("tzdata").joinpath("zones").read_text().split()

    differing = [name for name in names if offsets(ZoneInfo(name)) != offsets(of_package(name))]

    assert len(names) > 590
    assert differing == []
    assert set(names) <= available_timezones()


def offsets(zone: ZoneInfo) -> list[object]:
    return [at.astimezone(zone).utcoffset() for at in MONTHS]


def of_package(name: str) -> ZoneInfo:
    return ZoneInfo.from_file(BytesIO(files("tzdata").joinpath("zoneinfo", name).read_bytes()), key=name)


@pytest.mark.parametrize(
    ("zone", "hour"),
    [("America/Vancouver", 16), ("America/Edmonton", 15), ("America/Winnipeg", 14), ("Africa/Casablanca", 9)],
)
def test_nine_in_the_morning_leaves_at_the_hour_that_holds_since_2026(zone: str, hour: int):
    assert DECEMBER.replace(tzinfo=ZoneInfo(zone)).astimezone(UTC).hour == hour


@pytest.mark.parametrize("started", ["shell", "worker"])
def test_so_does_each_process_that_is_started_beside_a_system_with_an_older_copy(started: str, tmp_path: Path):
    """`PYTHONTZPATH` names a folder in which Vancouver is Paris, as an old system would have it."""
    (tmp_path / "America").mkdir()
    (tmp_path / "America" / "Vancouver").write_bytes(files("tzdata").joinpath("zoneinfo/Europe/Paris").read_bytes())
    worker = "from celery.app.utils import find_app; find_app('clinic').Worker(pool='solo')"
    if started == "shell":
        command = [sys.executable, "manage.py", "shell", "--no-imports", "-c", WALK]
    else:
        command = [sys.executable, "-c", worker + WALK]
    environment = os.environ | {"PYTHONTZPATH": str(tmp_path), "VAR_DIR": str(tmp_path), "ENV_FILE": os.devnull}

    done = subprocess.run(
        command, cwd=ROOT, env=environment, capture_output=True, text=True, check=True, stdin=subprocess.DEVNULL
    )

    (line,) = [line for line in done.stdout.splitlines() if line.startswith("found")]
    assert line.endswith("[] [] False")


def test_no_sql_computes_a_local_time_with_the_data_of_the_database_server():
    """`AT TIME ZONE`, `Trunc…`, `Extract…` and `__date` of a moment would use the server's own copy of the zones."""
    banned = ("AT TIME ZONE", "TruncDate", "TruncDay", "TruncHour", "TruncMonth", "ExtractHour", "ExtractDay",
              "CURRENT_DATE", "LOCALTIME", "booked_for__date", "due_at__date", "due_at__hour", "_at__date")  # fmt: skip

    found = [(path.name, word) for path in PRODUCT for word in banned if word in path.read_text()]

    assert found == []


@pytest.mark.parametrize(
    ("used", "locked", "is_older"),
    [("2025b", "2026f", True), ("2026f", "2026f", False), ("2026g", "2026f", False), ("2026f", "", False)],
)
def test_releases_are_ordered_by_year_and_letter(used: str, locked: str, is_older: bool):
    assert time_zones.is_older(used, locked) is is_older


def test_the_lock_names_the_release_that_is_installed(tmp_path: Path):
    lock = tmp_path / "requirements.txt"
    lock.write_text("twilio==9.13.0 \\\n    --hash=sha256:00\ntzdata==2025.2 \\\n    --hash=sha256:00\n")

    assert time_zones.locked_release(lock) == "2025b"
    assert time_zones.locked_release(tmp_path / "none") == ""
    assert time_zones.release() == time_zones.locked_release()
