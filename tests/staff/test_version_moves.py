"""Moving patients to a signed version, as a surgeon or manager does it; nobody else, and nobody from elsewhere."""

import re
from dataclasses import astuple
from html import unescape
from io import StringIO

import pytest
from django.core.management import CommandError, call_command

from clinic.staff.version_moves import progress
from patients import clock
from patients.models import StaffMember
from reminders import version_batch, version_moves
from reminders.plan import planning
from reminders.plan.models import VersionMove
from reminders.version_batch import Effect
from tests import given
from tests.given import NOW
from tests.moves.given import MovedClinic, a_clinic
from tests.staff.people import signed_in

pytestmark = pytest.mark.django_db


@pytest.fixture
def clinic() -> MovedClinic:
    return a_clinic(days=(0, 10))


def words(answer) -> str:
    return " ".join(answer.content.decode().split())


def test_a_surgeon_looks_first_then_starts_watches_stops_and_goes_on(clinic: MovedClinic, monkeypatch) -> None:
    rung: list[int] = []
    monkeypatch.setattr("reminders.tasks.ring_for_move", rung.append)
    client, begin = signed_in(clinic.surgeon), f"/staff/versions/{clinic.new.pk}/move/"
    assert "2 current patients are on an earlier version" in words(client.get(begin))
    looked = words(client.get(f"{begin}look/"))
    assert "All 2" in looked
    assert looked.count("now on version 1") == 2
    assert "Give the reason" in words(client.post(begin, {"why": " "}))

    first, second = (client.post(begin, {"why": "new days"}).url for _ in range(2))

    move = VersionMove.objects.get()
    assert first == second == f"/staff/moves/{move.pk}/"
    assert rung == [move.pk, move.pk]
    assert "0 of 2 moved" in words(client.get(first, headers={"HX-Request": "true"}))

    client.post(f"{first}stop/")
    assert "Each patient is either moved or not" in words(client.get(first))
    client.post(f"{first}go-on/")
    version_moves.run(move.pk, clock=lambda: NOW)

    said = words(client.get(first))
    assert "2 of 2 moved" in said
    assert "hx-get" not in said.split('id="progress"')[1].split(">")[0]
    assert all(surgery.patient.number in said for surgery in clinic.surgeries)
    assert client.get(first, headers={"HX-Request": "true"})["HX-Refresh"] == "true"
    assert "Nobody." in words(client.get(f"{first}?list=left"))


def test_a_colleague_is_told_and_a_stranger_finds_nothing(clinic: MovedClinic) -> None:
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


def test_of_many_the_preview_lists_some_and_counts_all(clinic: MovedClinic, monkeypatch) -> None:
    monkeypatch.setattr(progress, "LOOKED_AT", 1)
    monkeypatch.setattr(progress, "SHOWN", 1)
    client, look = signed_in(clinic.surgeon), f"/staff/versions/{clinic.new.pk}/move/look/"

    first = words(client.get(look))
    carried = unescape(first.split('hx-get="')[1].split('"')[0])
    second = words(client.get(carried))

    assert clinic.surgeries[0].patient.number in first
    assert "The first 1 of 2" in first
    assert "only patients who cannot be moved or would miss a message" in first
    assert "All 2" in second
    assert "hx-get" not in second
    assert clinic.surgeries[1].patient.number not in second  # an ordinary one
    effects = version_batch.preview(
        [one.pk for one in clinic.surgeries], clinic.new, by=clinic.surgeon, now=clock.now()
    )
    total = sum((one for one in effects.values() if isinstance(one, Effect)), Effect())
    assert sums(second) == [*astuple(total)]


def sums(part: str) -> list[int]:
    return [int(cell) for cell in re.findall(r"<b>(\d+)</b>", part)]


def test_who_could_not_be_moved_is_listed_with_the_reason(clinic: MovedClinic, monkeypatch) -> None:
    monkeypatch.setattr(planning, "compare", lambda *_args, **_how: {}["a bug"])
    move = version_moves.start(clinic.new, why="new days", by=clinic.surgeon, now=NOW)
    version_moves.run(move.pk, clock=lambda: NOW)

    said = words(signed_in(clinic.surgeon).get(f"/staff/moves/{move.pk}/?list=left"))

    assert "2 could not be moved" in said
    assert said.count("The program failed on this plan (KeyError)") == 2


def test_the_command_shows_first_and_then_moves(clinic: MovedClinic) -> None:
    told = {"site": clinic.site.code, "protocol": "miss-base", "by": clinic.surgeon.username}
    out = StringIO()
    call_command("move_patients", **told, preview=True, stdout=out, stderr=StringIO())
    assert "2 patients, 0 of them cannot be moved" in out.getvalue()
    assert "0 would be sent twice" in out.getvalue()
    assert version_moves.waiting(clinic.new).count() == 2

    call_command("move_patients", **told, why="new days", stdout=out, stderr=StringIO())

    assert "2 patients are on" in out.getvalue()
    with pytest.raises(CommandError, match="There are: miss-base"):
        call_command("move_patients", **told | {"protocol": "no-such"}, why="x", stderr=StringIO())
