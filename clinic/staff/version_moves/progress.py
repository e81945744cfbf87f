"""A move of patients as staff read it: how far it is, and person by person."""

from collections.abc import Iterable, Sequence
from dataclasses import astuple, dataclass
from datetime import datetime

from django.contrib.contenttypes.models import ContentType

from clinic.staff import formats
from patients.models import AuditEntry, StaffMember, Surgery
from reminders import version_batch, version_moves
from reminders.plan.models import CarePlan, PlanChange, ProtocolVersion, VersionMove
from reminders.version_batch import Effect

ON_A_PAGE = 25
LOOKED_AT = 50  # plans that one request lays out and takes back: about a second
SHOWN = 200  # patients shown one by one; of those after them only who cannot be moved, or misses a message
SUMS = ("moved", "added", "dropped", "missed", "doubled")


@dataclass(frozen=True, slots=True)
class MovedPerson:
    surgery: int
    name: str
    number: str
    said: str
    effect: Effect | None = None


@dataclass(frozen=True, slots=True)
class Looked:
    """A part of the preview, and what all parts so far come to. `after`: where the next one begins; 0: that was all."""

    people: list[MovedPerson]
    begins_to_hide: bool
    seen: int
    refused: int
    total: Effect
    after: int

    @property
    def carried(self) -> str:
        """What the next part must know, for its address: counts and a position, nothing personal."""
        sums = "&".join(f"{name}={value}" for name, value in zip(SUMS, astuple(self.total), strict=True))
        return f"after={self.after}&seen={self.seen}&refused={self.refused}&{sums}"


@dataclass(frozen=True, slots=True)
class MoveProgress:
    move: VersionMove
    percent: int
    standing: str
    pill: formats.Pill
    is_running: bool
    is_stopped: bool


@dataclass(frozen=True, slots=True)
class PeoplePage:
    """One page of a list; `after` begins the next one, 0: there is none."""

    rows: list[MovedPerson]
    after: int


def look(version: ProtocolVersion, told: dict[str, int], *, by: StaffMember, now: datetime) -> Looked:
    """The next patients, rehearsed together, added to what was `told` of those before."""
    plans = _plans(version, told["after"], LOOKED_AT)
    people = _rehearsed(plans[:LOOKED_AT], version, by=by, now=now)
    total = sum((person.effect for person in people if person.effect), Effect(*(told[name] for name in SUMS)))
    refused = told["refused"] + sum(person.effect is None for person in people)
    after = plans[LOOKED_AT - 1].pk if len(plans) > LOOKED_AT else 0
    shown = people if told["seen"] < SHOWN else [one for one in people if not one.effect or one.effect.missed]
    seen = told["seen"] + len(people)
    return Looked(shown, told["seen"] < SHOWN <= seen and after > 0, seen, refused, total, after)


def _plans(version: ProtocolVersion, after: int, number: int) -> list[CarePlan]:
    """One more than asked for: whether there is another page."""
    found = version_moves.waiting(version).filter(pk__gt=after).select_related("surgery__patient", "version")
    return list(found[: number + 1])


def _rehearsed(
    plans: Sequence[CarePlan], version: ProtocolVersion, *, by: StaffMember, now: datetime
) -> list[MovedPerson]:
    told = version_batch.preview([plan.surgery_id for plan in plans], version, by=by, now=now)
    return [_seen(plan, told[plan.surgery_id]) for plan in plans if plan.surgery_id in told]


def _seen(plan: CarePlan, told: Effect | str) -> MovedPerson:
    if isinstance(told, str):
        return _person(plan.surgery, told)
    return _person(plan.surgery, f"now on version {plan.version.number}", told)


def _person(surgery: Surgery, said: str, effect: Effect | None = None) -> MovedPerson:
    return MovedPerson(surgery.pk, str(surgery.patient), surgery.patient.number, said, effect)


def progress(move: VersionMove, now: datetime) -> MoveProgress:
    percent = 100 * (move.moved + move.failed) // move.total if move.total else 100
    standing, pill = _standing(move, now)
    going = move.finished_at is None and move.stopped_at is None
    stopped = move.finished_at is None and move.stopped_at is not None
    return MoveProgress(move, min(percent, 100), standing, pill, going, stopped)


def _standing(move: VersionMove, now: datetime) -> tuple[str, formats.Pill]:
    zone = move.site.zone
    if move.finished_at:
        return f"Finished {formats.moment(move.finished_at, zone)}.", formats.Pill("finished", "good")
    if move.stopped_at:
        return f"Stopped {formats.moment(move.stopped_at, zone)}. Each patient is either moved or not.", formats.Pill(
            "stopped", "warn"
        )
    if move.worked_at is None or move.worked_at < now - version_moves.LEASE:
        return "Waiting for the background worker. It starts by itself.", formats.Pill("waiting")
    return "Under way. You can leave this page; the move continues.", formats.Pill("under way", "good")


def moved(move: VersionMove, after: int) -> PeoplePage:
    changes = PlanChange.objects.filter(move=move, pk__gt=after).in_force().select_related("surgery__patient")
    rows = list(changes[: ON_A_PAGE + 1])
    people = [_person(row.surgery, formats.moment(row.at, move.site.zone)) for row in rows[:ON_A_PAGE]]
    return PeoplePage(people, rows[ON_A_PAGE - 1].pk if len(rows) > ON_A_PAGE else 0)


def left(move: VersionMove, after: int) -> PeoplePage:
    """Not moved yet, or not possible: then with the sentence that says why."""
    plans = _plans(move.version, after, ON_A_PAGE)
    shown = plans[:ON_A_PAGE]
    said = _refusals(move, shown)
    rows = [_person(plan.surgery, said.get(plan.surgery_id, "not tried yet")) for plan in shown]
    return PeoplePage(rows, shown[-1].pk if len(plans) > ON_A_PAGE else 0)


def _refusals(move: VersionMove, plans: Iterable[CarePlan]) -> dict[int, str]:
    """The last word about each since this move began."""
    kind = ContentType.objects.get_for_model(Surgery)
    about = AuditEntry.objects.filter(content_type=kind, object_id__in=[plan.surgery_id for plan in plans])
    entries = about.filter(at__gte=move.at, verb=version_moves.REFUSED).in_order()
    return {entry.object_id: entry.details["reason"] for entry in entries}
