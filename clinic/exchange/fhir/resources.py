"""FHIR R4 resources as others write them: what we read must be FHIR, what we do not read may be anything. Pure."""

import json
from collections.abc import Callable
from typing import TYPE_CHECKING, Any

from clinic.exchange.fhir.plain import Part, is_plain
from clinic.exchange.import_rows import Fault, Why

if TYPE_CHECKING:
    from fhir.resources.R4B.patient import Patient

READ = ("resourceType", "id", "active", "identifier", "name", "telecom", "birthDate", "communication", "link")
LOSABLE = {"telecom": Why.NO_CONTACT, "communication": Why.LANGUAGE}  # a patient can be taken without these
BAD_BIRTHDAY = Fault(Why.DATE, "birthDate: This is not a date: FHIR writes it like 1965-04-02.", about="birth_date")
Json = dict[str, Any]
Path = tuple[str | int, ...]


class NotFhir(ValueError):
    """The message is a sentence that repeats nothing of the resource."""


def parse(line: str) -> Json:
    """One line of NDJSON: a Patient resource, unchecked."""
    try:
        return patient_of(json.loads(line))
    except (ValueError, RecursionError) as error:
        if isinstance(error, NotFhir):
            raise
        raise NotFhir("This line is not JSON: each line must hold one whole Patient resource.") from None


def patient_of(resource: Any) -> Json:
    """The same, if it is one. Raises NotFhir."""
    if not isinstance(resource, dict) or not isinstance(resource.get("resourceType"), str):
        raise NotFhir("This line is not a FHIR resource: “resourceType”: “Patient” is missing.")
    if resource["resourceType"] != "Patient":
        raise NotFhir("This is another kind of resource: only Patient is read here.")
    return resource


def model(resource: Json) -> tuple["Patient | Part | None", list[Fault], list[Fault]]:
    """The checked patient with faults and warnings. Losable parts that are not FHIR R4 are left out with a warning."""
    known = {name: resource[name] for name in READ if name in resource}
    return (Part(known), [], []) if is_plain(known) else _checked(known)


def _checked(known: Json) -> tuple["Patient | None", list[Fault], list[Fault]]:
    """By the whole of FHIR R4. Loading the models takes a second, so only once they are needed."""
    from fhir.resources.R4B.patient import Patient
    from pydantic import ValidationError

    warnings: list[Fault] = []
    faults: list[Fault] = []
    if not isinstance(known.get("birthDate", ""), str):  # a number would be taken for seconds since 1970
        faults.append(BAD_BIRTHDAY)
        del known["birthDate"]
    for _ in range(6):  # each round leaves out what the one before found
        try:
            return Patient.model_validate(known), faults, warnings
        except ValidationError as error:
            wrong = error.errors(include_url=False, include_input=False)
        if any(_path(each)[:1] == ("birthDate",) for each in wrong):  # all else is read as it is
            faults.append(BAD_BIRTHDAY)
            del known["birthDate"]
            continue
        if broken := [fault for each in wrong if (fault := _fault(each))]:
            return None, [*faults, *broken], warnings
        paths = {_losable_path(each) for each in wrong}
        warnings += [_left_out(path) for path in sorted(paths, key=str) if path[0] in LOSABLE and len(path) <= 2]
        for path in sorted(paths, key=lambda path: [str(step).zfill(6) for step in path], reverse=True):
            _without(known, path)
    return None, [Fault(Why.UNREADABLE, "This resource does not follow FHIR R4.")], warnings


def _path(error: Any) -> Path:
    return tuple(step for step in error["loc"] if isinstance(step, str | int))


def _losable_path(error: Any) -> Path:
    """An unknown key goes alone; anything else takes its element with it."""
    return _path(error) if error["type"] == "extra_forbidden" else _path(error)[:2]


def _left_out(path: Path) -> Fault:
    where = ".".join(str(step) for step in path)
    return Fault(LOSABLE[str(path[0])], f"{where} does not follow FHIR R4 and was left out.")


def _fault(error: Any) -> Fault | None:
    """None where the part can be done without."""
    path = _path(error)
    name, where = (path[0] if path else ""), ".".join(str(step) for step in path)
    if error["type"] == "extra_forbidden" or name in LOSABLE:
        return None
    return Fault(Why.UNREADABLE, f"{where or 'The resource'} does not follow FHIR R4: {_reason(error['type'])}.")


def _reason(kind: str) -> str:
    return {"missing": "it is missing", "list_type": "it must be a list", "string_type": "it must be text"}.get(
        kind, "its value is not allowed there"
    )


def _without(part: Any, path: Path) -> None:
    for step in path[:-1]:
        part = part[step]
    del part[path[-1]]


def first(items: list[Any] | None, *wanted: Callable[[Any], bool]) -> Any | None:
    """The first item that fits the first wish that any item fits."""
    for wish in wanted:
        for item in items or []:
            if wish(item):
                return item
    return None
