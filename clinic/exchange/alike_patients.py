"""Rows of an import that may be of somebody who has another patient number: on record, or earlier in the file."""

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace

from clinic.exchange.contact_import import Intake
from clinic.exchange.existing import ExistingPatient
from clinic.exchange.import_rows import Fault, IncomingPatient, Place, Why
from clinic.exchange.report import ReportedRow, RowOutcome
from clinic.exchange.row_checks import Judged
from patients.birth_dates import BirthDate, Known
from patients.patient_matching import (
    BY_ADDRESS,
    Candidate,
    Likeness,
    PersonFacts,
    PersonMark,
    candidates_of_many,
    marks,
)

Alike = dict[str, set[Likeness]]  # by patient number
EVERYTHING = set(Likeness)


@dataclass(slots=True)
class AlikePatients:
    """Looks a chunk of rows up at once, and remembers what the file itself brought.

    A new patient is compared in everything; of one on record only the addresses that the row would add.
    """

    intake: Intake
    people: dict[Place, PersonFacts] = field(default_factory=dict)
    on_record: dict[Place, Alike] = field(default_factory=dict)
    in_file: dict[PersonMark, str] = field(default_factory=dict)  # the patient number that came first
    born_in: dict[PersonMark, dict[BirthDate, str]] = field(default_factory=dict)  # the same, by name and year of birth

    def look_up(
        self, rows: Sequence[tuple[IncomingPatient, ExistingPatient | None]], judged: Mapping[Place, Judged]
    ) -> None:
        """Two queries for all of them. What an earlier chunk brought is on record by now, but for a dry run."""
        if not self.intake.dry_run:
            self.in_file.clear()
            self.born_in.clear()
        self.people = {row.place: one for row, known in rows if (one := self._person(row, known, judged[row.place]))}
        registered = {row.place for row, known in rows if known}
        found = candidates_of_many(self.intake.site, self.people)
        self.on_record = {place: _alike(ones, place in registered) for place, ones in found.items()}

    def _person(self, row: IncomingPatient, known: ExistingPatient | None, judged: Judged) -> PersonFacts | None:
        told = BirthDate(row.birth_date, row.birth_known) if row.birth_date else None
        born = told or (known.patient.born if known else None)
        if born is None or row.dead:
            return None
        addresses = tuple(one for one in (judged.phone, judged.email) if one and not (known and known.at(one)))
        if known and not addresses:
            return None
        return PersonFacts(row.number, row.given_name, row.family_name, born.first, addresses, born.known)

    def warned(self, row: IncomingPatient, taken: ReportedRow) -> ReportedRow:
        """The row's report with a warning for each patient it may be; refused and unchanged rows stay as they are."""
        person = self.people.get(row.place)
        if person is None or taken.outcome not in (RowOutcome.ADDED, RowOutcome.UPDATED):
            return taken
        alike = self.on_record.get(row.place, {})
        if taken.outcome == RowOutcome.ADDED:
            self._compare_with_file(person, alike)
        warnings = [_looks_like(number, why) for number, why in alike.items() if why]
        return replace(taken, warnings=(*taken.warnings, *warnings))

    def _compare_with_file(self, person: PersonFacts, alike: Alike) -> None:
        """What the look-up could not see yet: earlier rows of the same chunk, and all of them in a dry run."""
        for mark, like in marks(person).items():
            first = self.in_file.setdefault(mark, person.number)
            if first != person.number:
                alike.setdefault(first, set()).add(like)
            if mark.kind == "name":
                self._compare_years(person, mark, alike)

    def _compare_years(self, person: PersonFacts, name: PersonMark, alike: Alike) -> None:
        """Of one of both only a part of the date of birth is known."""
        born = BirthDate(person.birth_date, person.birth_known)
        before = self.born_in.setdefault(name._replace(birth_date=born.first.replace(month=1, day=1)), {})
        for other, number in before.items():
            if number != person.number and {other.known, born.known} != {Known.DAY} and born.may_be(other):
                alike.setdefault(number, set()).add(Likeness.YEAR)
        before.setdefault(born, person.number)


def _alike(found: Iterable[Candidate], is_registered: bool) -> Alike:
    asked = BY_ADDRESS if is_registered else EVERYTHING
    return {one.patient.number: asked.intersection(one.why) for one in found}


def _looks_like(number: str, why: Collection[Likeness]) -> Fault:
    reasons = ", ".join(like.in_words for like in Likeness if like in why)
    says = f"Looks like patient number {number}: {reasons}. If this is one person, merge the two numbers."
    return Fault(Why.ALIKE, says)
