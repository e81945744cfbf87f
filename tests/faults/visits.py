"""Which check-ups stand ahead, by a small model of its own: what was done to them and acknowledged, in that order.

It knows nothing of the program's tables: that the two agree in the end is I8. Pure.
"""

from collections.abc import Collection, Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta

AHEAD = timedelta(days=14)  # so far the board shows them
BOOK, FREE, ANSWER = "book", "free", "answer 1"


@dataclass(frozen=True)
class VisitDeed:
    """One thing that reception did, or a patient by a text of one digit: whose next visit it is, says the model."""

    what: str
    patient: int
    visit: int = 0
    booked_for: datetime | None = None


@dataclass(frozen=True)
class Visit:
    """One that stands ahead, as the program shows it or as the model has it."""

    id: int
    state: str
    booked_for: datetime


def model(deeds: Collection[VisitDeed]) -> dict[int, Visit]:
    """What must stand ahead after these."""
    ahead: dict[int, Visit] = {}
    owner = {deed.visit: deed.patient for deed in deeds}
    for deed in deeds:
        match deed.what:
            case "book" if deed.booked_for and _time(ahead, deed.visit) != deed.booked_for:
                ahead[deed.visit] = Visit(deed.visit, "booked", deed.booked_for)
            case "free":
                ahead.pop(deed.visit, None)
            case "answer 1":
                own = [visit for visit in ahead.values() if owner[visit.id] == deed.patient]
                if own:
                    meant = min(own, key=lambda visit: (visit.booked_for, visit.id))
                    ahead[meant.id] = Visit(meant.id, "confirmed", meant.booked_for)
    return ahead


def _time(ahead: Mapping[int, Visit], visit: int) -> datetime | None:
    return ahead[visit].booked_for if visit in ahead else None


def differences(deeds: Collection[VisitDeed], shown: Mapping[str, Collection[Visit]], now: datetime) -> Iterator[str]:
    """By each door that shows them: "API" all, "board" those of the next two weeks."""
    ahead = set(model(deeds).values())
    near = {visit for visit in ahead if visit.booked_for < now + AHEAD}
    for door, visits in shown.items():
        wanted, found = near if door == "board" else ahead, set(visits)
        for visit in sorted(wanted - found, key=lambda visit: visit.id):
            yield f"visit {visit.id}, {visit.state} for {visit.booked_for:%d %b %H:%M}, is not so by the {door}"
        for visit in sorted(found - wanted, key=lambda visit: visit.id):
            yield f"visit {visit.id} is shown by the {door} as {visit.state} for {visit.booked_for:%d %b %H:%M}"
        if len(found) != len(visits):
            yield f"the {door} shows a visit twice"
