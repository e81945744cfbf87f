"""Moving patients to a signed version, as a surgeon or manager does it; nobody else, and nobody from elsewhere."""

from io import StringIO

import pytest
from django.core.management import CommandError, call_command

from patients.models import StaffMember
from reminders import version_moves
from reminders.plan import planning
from reminders.plan.models import VersionMove
from tests import given
from tests.given import NOW
from tests.moves.given import Clinic, a_clinic
from tests.staff.people import signed_in

pytestmark = pytest.mark.django_db


@pytest.fixture
def clinic() -> Clinic:
    return a_clinic(days=(0, 10))


def words(answer) -> str:
    return " ".join(answer.content.decode().split())


def test_a_surgeon_looks_first_then_starts_watches_stops_and_goes_on(clinic: Clinic, monkeypatch) -> None:
    rung: list[int] = []
    monkeypatch.setattr("reminders.tasks.ring_for_move", rung.append)
    client, begin = signed_in(clinic.surgeon), f"/staff/versions/{clinic.new.pk}/move/"
    assert "2 current patients are on an earlier version" in words(client.get(begin))
    looked = words(client.get(f"{begin}look/"))
    assert "All 2" in looked
    assert looked.count("now on version 1") == 2
    assert "Say in a few words why" in words(client.post(begin, {"why": " "}))

    first, second = (client.post(begin, {"why": "new days"}).url for _ in range(2))

    move = VersionMove.objects.get()
    assert first == second == f"/staff/moves/{move.pk}/"
    assert rung == [move.pk, move.pk]
    assert "0 of 2 moved" in words(client.get(first, headers={"HX-Request": "true"}))

    client.post(f"{first}stop/")
    assert "Nobody is half moved" in words(client.get(first))
    client.post(f"{first}go-on/")
    version_moves.run(move.pk, clock=lambda: NOW)

    page = words(client.get(first))
    assert "2 of 2 moved" in page
    assert "hx-get" not in page.split('id="progress"')[1].split(">")[0]
    assert all(surgery.patient.number in page for surgery in clinic.surgeries)
    assert "Nobody." in words(client.get(f"{first}?list=left"))


def test_a_colleague_is_told_and_a_stranger_finds_nothing(clinic: Clinic) -> None:
    move = version_moves.start(clinic.new, why="new days", by=clinic.surgeon, now=NOW)
    begin, own = f"/staff/versions/{clinic.new.pk}/move/", f"/staff/moves/{move.pk}/"
    colleague = given.a_staff_member(clinic.site, "reception")
    stranger = given.a_staff_member(given.a_site("hilltop"))

    assert statuses(given.a_staff_member(clinic.site, "manager"), begin, own) == [200, 200, 302, 200, 302, 302]
    assert statuses(colleague, begin, own) == [403] * 6
    assert statuses(stranger, begin, own) == [404] * 6


def statuses(staff: StaffMember, begin: str, own: str) -> list[int]:
    client = signed_in(staff)
    seen = [client.get(begin), client.get(f"{begin}look/"), client.post(begin, {"why": "new days"})]
    seen += [client.get(own), client.post(f"{own}stop/"), client.post(f"{own}go-on/")]
    return [answer.status_code for answer in seen]


def test_who_could_not_be_moved_is_listed_with_the_reason(clinic: Clinic, monkeypatch) -> None:
    monkeypatch.setattr(planning, "compare", lambda *_args, **_how: {}["a bug"])
    move = version_moves.start(clinic.new, why="new days", by=clinic.surgeon, now=NOW)
    version_moves.run(move.pk, clock=lambda: NOW)

    page = words(signed_in(clinic.surgeon).get(f"/staff/moves/{move.pk}/?list=left"))

    assert "2 could not be moved" in page
    assert page.count("The program stumbled over this plan (KeyError)") == 2


def test_the_command_shows_first_and_then_moves(clinic: Clinic) -> None:
    told = {"site": clinic.site.code, "protocol": "miss-base", "by": clinic.surgeon.username}
    out = StringIO()
    call_command("move_patients", **told, preview=True, stdout=out, stderr=StringIO())
    assert "2 patients, 0 of them cannot be moved" in out.getvalue()
    assert "0 would come twice" in out.getvalue()
    assert version_moves.waiting(clinic.new).count() == 2

    call_command("move_patients", **told, why="new days", stdout=out, stderr=StringIO())

    assert "2 patients are on" in out.getvalue()
    with pytest.raises(CommandError, match="There are: miss-base"):
        call_command("move_patients", **told | {"protocol": "no-such"}, why="x", stderr=StringIO())
