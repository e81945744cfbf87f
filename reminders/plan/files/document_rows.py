"""From the rows of a version to its document and back. What a file says is held to the models' own rules."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import time
from hashlib import sha256
from typing import Any

from django.core.exceptions import ValidationError
from django.db import models

from reminders.plan.files.document import Document, in_order
from reminders.plan.files.serialize import written
from reminders.plan.models import CheckUpDefinition, Phase, ProtocolVersion, Step, StepText

PHASE = ("code", "first_day", "last_day", "title", "do", "avoid")
CHECK_UP = ("code", "title", "first_day", "target_day", "last_day", "repeat_days", "note", "nature")
STEP = (
    "code", "kind", "title", "anchor", "offset_days", "channels", "condition", "repeat_days", "repeat_count",
    "useful_days", "staffed_days_only", "late_rule", "warning", "nature", "why",
)  # fmt: skip
ABOUT_A_VERSION = ("expected_pain", "blanks", "advice")
WORDS = ("sms", "subject", "body")


def document_of(version: ProtocolVersion) -> Document:
    """A version as a document of plain values, in a fixed order."""
    protocol = version.protocol
    head = {name: getattr(protocol, name) for name in ("code", "name", "family", "summary")}
    steps = version.steps.select_related("phase", "check_up").prefetch_related("texts")
    return in_order(
        head
        | {
            **{name: getattr(version, name) for name in ABOUT_A_VERSION},
            "phases": [_values(row, PHASE) for row in version.phases.all()],
            "check_ups": [_values(row, CHECK_UP) for row in version.check_ups.all()],
            "steps": [_step(row) for row in steps],
        }
    )


def export(version: ProtocolVersion) -> str:
    """One file that a person can read and `take` can read back; the same version always gives the same bytes."""
    return written(document_of(version))


def fingerprint(version: ProtocolVersion) -> str:
    """The same for the same content: whether a version is still what somebody was shown."""
    return sha256(export(version).encode()).hexdigest()


def _values(row: models.Model, names: tuple[str, ...]) -> dict[str, Any]:
    return {name: _tidy(getattr(row, name)) for name in names}


def _step(step: Step) -> dict[str, Any]:
    texts = sorted(step.texts.all(), key=lambda text: text.language)
    return _values(step, STEP) | {
        "at": f"{step.at:%H:%M}",
        "phase": step.phase.code,
        "check_up": step.check_up.code if step.check_up else None,
        "texts": {text.language: _values(text, WORDS) for text in texts},
    }


def _tidy(value: Any) -> Any:
    """Line ends as files have them, whatever a browser sent."""
    return value.replace("\r\n", "\n").replace("\r", "\n") if isinstance(value, str) else value


@dataclass(frozen=True, slots=True)
class UnsavedRows:
    """Rows that are not saved yet."""

    phases: list[Phase]
    check_ups: list[CheckUpDefinition]
    steps: list[Step]
    texts: list[StepText]

    def save(self) -> None:
        """Write all rows, parents first; their keys are set already."""
        Phase.objects.bulk_create(self.phases)
        CheckUpDefinition.objects.bulk_create(self.check_ups)
        Step.objects.bulk_create(self.steps)
        StepText.objects.bulk_create(self.texts)

    def faults(self) -> Iterator[str]:
        """What the models refuse, each with its place."""
        for kind, rows in (("Phase", self.phases), ("Check-up", self.check_ups), ("Step", self.steps)):
            for row in rows:
                yield from _faults(row, f"{kind} {row.code}")
        for text in self.texts:
            yield from _faults(text, f"Step {text.step.code}, {text.language}")


def parts_of(version: ProtocolVersion, document: Document) -> UnsavedRows:
    """For an empty draft. What a document leaves out gets its usual value."""
    phases = {row["code"]: Phase(version=version, **row) for row in document["phases"]}
    check_ups = {row["code"]: CheckUpDefinition(version=version, **row) for row in document["check_ups"]}
    steps = [_new_step(version, row, phases, check_ups) for row in document["steps"]]
    texts = [
        StepText(step=step, language=tag, **words)
        for step, row in zip(steps, document["steps"], strict=True)
        for tag, words in row["texts"].items()
    ]
    return UnsavedRows(list(phases.values()), list(check_ups.values()), steps, texts)


def _new_step(
    version: ProtocolVersion, row: dict[str, Any], phases: dict[str, Phase], check_ups: dict[str, CheckUpDefinition]
) -> Step:
    check_up = check_ups[row["check_up"]] if row.get("check_up") else None
    facts = {name: row[name] for name in STEP if name in row}
    return Step(
        version=version, phase=phases[row["phase"]], check_up=check_up, at=time.fromisoformat(row["at"]), **facts
    )


def _faults(row: models.Model, where: str) -> Iterator[str]:
    try:
        row.full_clean(exclude=["version", "phase", "check_up", "step"], validate_unique=False)
    except ValidationError as error:
        yield from (f"{where}: {message}" for message in error.messages)
