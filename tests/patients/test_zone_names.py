"""A zone is the name of a place: abbreviations and offsets say nothing of summer time, and Windows has other names."""

from zoneinfo import available_timezones

import pytest
from icalendar.timezone.windows_to_olson import WINDOWS_TO_OLSON

from clinic.exchange import csv_patients
from patients import validators, zone_names


@pytest.mark.parametrize(
    ("written", "zone"),
    [
        ("Eastern Standard Time", "America/New_York"),
        ("US Mountain Standard Time", "America/Phoenix"),
        ("  central  standard time (mexico)", "America/Mexico_City"),
        ("GMT Standard Time", "Europe/London"),
        ("America/Chicago", "America/Chicago"),
        ("Nowhere Standard Time", "Nowhere Standard Time"),
    ],
)
def test_windows_names_stand_for_a_city(written: str, zone: str):
    assert zone_names.from_windows(written) == zone


def test_every_windows_name_leads_to_a_zone_that_is_taken():
    for zone in {city for city in WINDOWS_TO_OLSON.values() if not city.startswith("Etc/")}:
        validators.time_zone(zone)


def test_only_names_of_places_and_utc_are_taken():
    taken = {name for name in available_timezones() if not zone_names.city_for(name) and "/" not in name}

    assert taken - {"Factory"} == {
        "UTC", "Cuba", "Egypt", "Eire", "GB", "GB-Eire", "Hongkong", "Iceland", "Iran", "Israel", "Jamaica", "Japan",
        "Kwajalein", "Libya", "NZ", "NZ-CHAT", "Navajo", "PRC", "Poland", "Portugal", "ROC", "ROK", "Singapore",
        "Turkey", "W-SU",
    }  # fmt: skip


def test_an_imported_file_may_use_the_names_of_windows():
    table = csv_patients.read(
        "number,given_name,family_name,birth_date,time_zone\n"
        "Z-1,Ana,Ruiz,1965-04-02,Eastern Standard Time\nZ-2,Li,Ng,1965-04-02,America/Denver\nZ-3,Jo,Day,1965-04-02,\n"
    )

    assert [row.time_zone for row in csv_patients.patients(table)] == ["America/New_York", "America/Denver", ""]
