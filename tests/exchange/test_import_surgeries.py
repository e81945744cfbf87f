import io
from datetime import date

import pytest
from django.core.management import CommandError, call_command

from clinic.exchange import csv_surgeries, surgery_import
from clinic.exchange.import_rows import UnusableInput, Why
from patients.models import StaffMember, Surgery
from reminders import actions
from reminders.plan.models import Reminder
from tests.given import NOW, a_patient, a_phone, a_signed_version, a_site, a_staff_member, an_enrolment, phone

pytestmark = pytest.mark.django_db
HEADER = "number,procedure,date,surgeon,pt,job"


@pytest.fixture
def site():
    site = a_site()
    surgeon = a_staff_member(site, "surgeon", username="ida")
    a_signed_version(site, by=surgeon)
    return site


@pytest.fixture
def rex(site):
    return a_staff_member(site, "reception", username="rex")


@pytest.fixture
def ana(site, rex):
    return a_patient(site, a_phone(phone(10)), by=rex, number="A-1")


def enrol(*rows, site, by, dry_run=False, header=HEADER, **options):
    table = csv_surgeries.read("\n".join([header, *rows]))
    rows = csv_surgeries.surgeries(table)
    return surgery_import.enrol_all(rows, site=site, by=by, now=NOW, dry_run=dry_run, **options)


def outcomes(report):
    return [row.outcome.value for row in report.rows]


def whys(row):
    return [fault.why for fault in (*row.faults, *row.warnings)]


def test_an_operation_is_enrolled_with_its_whole_plan(site, rex, ana):
    report = enrol("A-1,MISS,2026-02-20,ida,ordered,desk", site=site, by=rex)

    surgery = Surgery.objects.get()
    assert outcomes(report) == ["added"]
    assert (surgery.patient, surgery.date, surgery.surgeon.username) == (ana, date(2026, 2, 20), "ida")
    assert (surgery.physical_therapy, surgery.job, surgery.enrolled_by) == ("ordered", "desk", rex)
    assert Reminder.objects.filter(surgery=surgery, status="planned").exists()


def test_the_last_two_columns_may_be_left_out(site, rex, ana):
    report = enrol("A-1,miss,2026-02-20,ida", site=site, by=rex, header="Number,Procedure,Date,Surgeon")

    assert outcomes(report) == ["added"]
    assert Surgery.objects.get().job == "unknown"


def test_an_operation_of_long_ago_is_refused_with_what_to_look_at(site, rex, ana):
    report = enrol("A-1,miss,2016-02-20,ida,,", site=site, by=rex)

    assert outcomes(report) == ["refused"]
    assert "more than two years back. Check the year." in report.rows[0].faults[0].says


def test_importing_twice_changes_nothing(site, rex, ana):
    enrol("A-1,miss,2026-02-20,ida,,", site=site, by=rex)
    planned = list(Reminder.objects.order_by("pk").values())

    again = enrol("A-1,miss,2026-02-20,ida,,", site=site, by=rex)

    assert outcomes(again) == ["unchanged"]
    assert not again.rows[0].warnings
    assert list(Reminder.objects.order_by("pk").values()) == planned


def test_an_operation_enrolled_by_hand_is_the_same_operation(site, rex, ana):
    an_enrolment(site, by=StaffMember.objects.get(username="ida"), patient=ana, date=date(2026, 2, 20))

    report = enrol("A-1,miss,2026-02-20,ida,,desk", site=site, by=rex)

    assert outcomes(report) == ["unchanged"]
    assert "another job" in report.rows[0].warnings[0].says
    assert Surgery.objects.count() == 1


def test_what_a_person_moved_or_cancelled_is_left_so(site, rex, ana):
    row, ida = "A-1,miss,2026-02-20,ida,,", StaffMember.objects.get(username="ida")
    enrol(row, site=site, by=rex)
    actions.move_surgery(Surgery.objects.get(), to=date(2026, 2, 25), by=ida, now=NOW)
    moved = enrol(row, site=site, by=rex)
    actions.cancel_surgery(Surgery.objects.get(), why="postponed", by=ida, now=NOW)
    cancelled = enrol(row, site=site, by=rex)

    assert (outcomes(moved), outcomes(cancelled)) == (["unchanged"], ["unchanged"])
    assert "another date" in moved.rows[0].warnings[0].says
    assert "stays cancelled" in cancelled.rows[0].warnings[0].says
    assert Surgery.objects.count() == 1


@pytest.mark.parametrize(
    ("row", "why", "says"),
    [
        ("A-9,miss,2026-02-20,ida,,", Why.PATIENT, "No patient of this site"),
        ("A-1,knee,2026-02-20,ida,,", Why.PROCEDURE, "Known are: endoscopic-discectomy,"),
        ("A-1,tlif,2026-02-20,ida,,", Why.PROTOCOL, "no signed protocol for tlif"),
        ("A-1,miss,2026-02-20,rex,,", Why.SURGEON, "Surgeons here: ida"),
        ("A-1,miss,2026-02-30,ida,,", Why.DATE, "no such day"),
        ("A-1,miss,,ida,,", Why.MISSING, "The date is missing"),
        (",miss,2026-02-20,ida,,", Why.MISSING, "The number is missing"),
        ("A-1,miss,2026-02-20,ida,maybe,", Why.OTHER, "undecided, ordered, ordered_early, declined"),
        ("A-1,miss,2026-02-20,ida,,pilot", Why.OTHER, "unknown, none, desk, physical"),
        ("A-1,miss,1950-02-20,ida,,", Why.OTHER, "before the date of birth"),
        ('A-1,"miss,2026-02-20,ida,,', Why.UNREADABLE, "quotes"),
    ],
)
def test_a_refused_row_says_why_and_the_next_one_is_taken(site, rex, ana, row, why, says):
    report = enrol(row, "A-1,miss,2026-02-21,ida,,", site=site, by=rex)

    assert outcomes(report) == ["refused", "added"]
    assert whys(report.rows[0]) == [why]
    assert says in report.rows[0].faults[0].says
    assert report.exit_code == 1


def test_a_surgeon_who_left_is_none_of_the_site(site, rex, ana):
    StaffMember.objects.filter(username="ida").update(is_active=False)

    report = enrol("A-1,miss,2026-02-20,ida,,", site=site, by=rex)

    assert (outcomes(report), whys(report.rows[0])) == (["refused"], [Why.SURGEON])
    assert not Surgery.objects.exists()


def test_everything_wrong_with_a_row_is_said_at_once(site, rex):
    report = enrol("A-9,knee,someday,nobody,,", site=site, by=rex)

    assert whys(report.rows[0]) == [Why.DATE, Why.PATIENT, Why.PROCEDURE, Why.SURGEON]


@pytest.mark.parametrize("dry_run", [True, False])
def test_two_operations_on_one_day_are_refused_and_the_same_one_twice_is_not(site, rex, ana, dry_run):
    ida = a_staff_member(site, "surgeon")
    a_signed_version(site, "decompression", by=ida)
    rows = [f"A-1,{procedure},2026-02-20,ida,," for procedure in ("miss", "laminectomy", "miss")]

    report = enrol(*rows, site=site, by=rex, dry_run=dry_run)

    assert outcomes(report) == ["added", "refused", "unchanged"]
    assert whys(report.rows[1]) == [Why.SAME_DAY]


def test_a_dry_run_writes_nothing(site, rex, ana):
    report = enrol("A-1,miss,2026-02-20,ida,,", site=site, by=rex, dry_run=True)

    assert outcomes(report) == ["added"]
    assert not Surgery.objects.exists()
    assert not Reminder.objects.exists()


def test_nobody_reaches_into_another_site(site, rex, ana):
    elsewhere = a_site("elsewhere")
    stranger = a_staff_member(elsewhere, "surgeon", username="uma")

    with pytest.raises(UnusableInput, match="does not work at"):
        enrol("A-1,miss,2026-02-20,ida,,", site=site, by=stranger)
    assert whys(enrol("A-1,miss,2026-02-20,ida,,", site=elsewhere, by=stranger).rows[0])[0] == Why.PATIENT


def test_the_command_says_what_it_did_and_leaves_with_a_code(site, rex, ana, tmp_path):
    path = tmp_path / "surgeries.csv"
    path.write_text(f"{HEADER}\nA-1,miss,2026-02-20,ida,,\nA-2,miss,2026-02-20,ida,,\n")
    out = io.StringIO()

    with pytest.raises(SystemExit) as left:
        call_command("import_surgeries", str(path), "--site", "riverside", "--by", "rex", stdout=out)

    assert left.value.code == 1
    assert "line 3, patient number A-2: refused, unknown patient." in out.getvalue()
    assert "2 rows: 1 added, 0 updated, 0 unchanged, 1 refused." in out.getvalue()


def test_a_folder_is_no_list_of_operations(site, rex, tmp_path):
    with pytest.raises(CommandError, match="cannot be read") as error:
        call_command("import_surgeries", str(tmp_path), "--site", "riverside", "--by", "rex")

    assert error.value.returncode == 2


TWO = ["A-1,miss,2026-02-20,ida,,", "A-1,miss,2024-05-06,ida,,"]


@pytest.mark.parametrize("rows", [TWO, TWO[::-1]])
def test_of_two_operations_the_later_one_goes_on_in_whatever_order_they_come(site, rex, ana, rows):
    report = enrol(*rows, site=site, by=rex)

    states = {surgery.date.year: surgery.state for surgery in Surgery.objects.all()}
    assert states == {2024: "ended", 2026: "active"}
    assert outcomes(report) == ["added", "added"]
    assert [whys(row) for row in report.rows] == [[], [Why.RUNNING]]
    assert "2024-05-06" in report.rows[1].warnings[0].says
    assert outcomes(enrol(*rows, site=site, by=rex)) == ["unchanged", "unchanged"]


@pytest.mark.parametrize(("choice", "holds"), [("hold", 1), ("keep", 0)])
def test_an_import_holds_or_keeps_the_running_plan_where_it_is_told_to(site, rex, ana, choice, holds):
    report = enrol(*TWO, site=site, by=rex, running_plan=choice)

    assert {surgery.state for surgery in Surgery.objects.all()} == {"active"}
    assert sum(surgery.plan_changes.count() for surgery in Surgery.objects.all()) == holds
    assert whys(report.rows[1]) == [Why.RUNNING]
