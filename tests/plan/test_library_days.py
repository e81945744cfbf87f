"""The days of the shipped protocols are those of the clinical page (PROTOCOLS.md, section 3)."""

import pytest

from tests.plan.shipped import CODES, LIBRARY, days_of

TABLE = {
    "walk_today": {"decompression": [0], "fusion": [0], "vertebroplasty": [0], "si-fusion": [0]},
    "check_in": {
        "decompression": [1, 3, 6, 10, 14, 23],
        "fusion": [1, 3, 6, 10, 14, 21, 23, 28, 38],
        "vertebroplasty": [1, 3, 7],
        "si-fusion": [1, 3, 6, 10, 14, 23],
    },
    "ask_about_pt": {"decompression": [14], "fusion": [28], "vertebroplasty": [], "si-fusion": [28]},
    "avoid_heavy_lifting": {
        "decompression": [1, 7, 14, 28],
        "fusion": [1, 7, 14, 28, 42, 70],
        "vertebroplasty": [1, 7, 14],
        "si-fusion": [1, 14, 42, 70],
    },
    "strengthening": {"decompression": [43], "fusion": [84], "vertebroplasty": [43], "si-fusion": [84]},
    "outcome_questions": {
        "decompression": [0, 42, 90, 180, 365, 730],
        "fusion": [0, 42, 90, 180, 365, 730],
        "vertebroplasty": [0, 42, 90, 365],
        "si-fusion": [0, 42, 90, 180, 365, 730],
    },
    "recall": {
        "decompression": [45, 100, 190, 375],
        "fusion": [45, 100, 190, 375, 740],  # the yearly visit's recall comes again each year
        "vertebroplasty": [45, 375],
        "si-fusion": [45, 100, 190, 375],
    },
}


@pytest.mark.parametrize(
    ("kind", "code", "days"), [(kind, code, days) for kind, row in TABLE.items() for code, days in row.items()]
)
def test_the_days_are_those_of_the_clinical_page(kind: str, code: str, days: list[int]) -> None:
    steps = [step for step in LIBRARY[code]["steps"] if step["kind"] == kind]

    assert sorted(day for step in steps for day in days_of(code, step, until=740)) == days


@pytest.mark.parametrize("code", CODES)
def test_the_first_visit_is_asked_for_on_day_3_for_days_10_to_14(code: str) -> None:
    (visit,) = (v for v in LIBRARY[code]["check_ups"] if v["code"] == "first-visit")
    (book,) = (s for s in LIBRARY[code]["steps"] if s["code"] == "book-first-visit")

    assert (days_of(code, book)[0], visit["first_day"], visit["last_day"]) == (3, 10, 14)


@pytest.mark.parametrize("code", CODES)
def test_the_second_visit_is_in_the_sixth_week(code: str) -> None:
    (visit,) = (v for v in LIBRARY[code]["check_ups"] if v["code"] == "six-weeks")

    assert visit["target_day"] == 42


@pytest.mark.parametrize(
    ("code", "first", "last"),
    [("decompression", 21, 42), ("fusion", 42, 84), ("si-fusion", 42, 84), ("miss-base", 43, 84)],
)
def test_physical_therapy_starts_when_the_protocol_says(code: str, first: int, last: int) -> None:
    (start,) = (step for step in LIBRARY[code]["steps"] if step["code"] == "start-pt")

    assert first <= days_of(code, start)[0] <= last
    assert start["condition"] == "pt_ordered"


def test_the_base_timeline_has_its_five_phases() -> None:
    phases = [(phase["first_day"], phase["last_day"]) for phase in LIBRARY["miss-base"]["phases"]]

    assert phases == [(0, 0), (1, 14), (15, 42), (43, 84), (85, None)]


@pytest.mark.parametrize("code", CODES)
def test_two_reminders_come_before_each_visit(code: str) -> None:
    """Three days and one day before: fewer visits are missed than with one."""
    for visit in LIBRARY[code]["check_ups"]:
        steps = [s for s in LIBRARY[code]["steps"] if (s["anchor"], s["check_up"]) == ("visit", visit["code"])]
        assert [step["offset_days"] for step in steps] == [-3, -1]
