"""A version day by day: its phases with their steps, and what each text weighs."""

from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import time
from decimal import Decimal
from typing import Any

from patients.models import Site
from reminders.plan import placeholders
from reminders.plan.files import in_words
from reminders.plan.files.document import Document
from reminders.plan.files.document_rows import document_of
from reminders.plan.models import ProtocolVersion
from reminders.plan.models.step import ANSWERED, StepKind
from reminders.plan.signing_checks import StepWords, word_faults, word_warnings
from reminders.plan.values import Anchor, StepSpec
from reminders.plan.version_review import known_values
from reminders.plan.wording.measure import Measure, examples, measure, parts_if_named
from reminders.plan.wording.readability import grade


@dataclass(frozen=True, slots=True)
class Weight:
    """One text in one language as the editor shows it. `tone`: good, warn or bad, as staff.css knows them."""

    language: str
    sms: Measure | None
    shared: int  # parts where several share the phone
    price: str
    grade: float | None
    wrong: list[str]
    known: list[str]

    @property
    def tone(self) -> str:
        return "bad" if self.wrong else "warn" if self.known else "good"


@dataclass(frozen=True, slots=True)
class TimelineStep:
    pk: int
    title: str
    code: str
    kind: str
    when: str
    at: str
    offset: int
    hangs_on: str
    whom: str
    warning: bool
    nature: str
    weights: list[Weight]


@dataclass(slots=True)
class Stretch:
    """One phase."""

    pk: int
    title: str
    days: str
    lines: list[TimelineStep] = field(default_factory=list)


def stretches(version: ProtocolVersion) -> list[Stretch]:
    """Every phase by day, with its steps by day."""
    site, document = version.protocol.site, document_of(version)
    phases = dict(version.phases.values_list("code", "pk"))
    steps = dict(version.steps.values_list("code", "pk"))
    found = {
        row["code"]: Stretch(phases[row["code"]], in_words.title(row), in_words.days(row)) for row in document["phases"]
    }
    for step in document["steps"]:
        found[step["phase"]].lines.append(_line(steps[step["code"]], step, document, site))
    return list(found.values())


def _line(pk: int, step: dict[str, Any], document: Document, site: Site) -> TimelineStep:
    return TimelineStep(
        pk=pk,
        title=step["title"],
        code=step["code"],
        kind=StepKind(step["kind"]).label,
        when=in_words.happens(step, document),
        at=step["at"],
        offset=step["offset_days"],
        hangs_on=Anchor(step["anchor"]).replace("_", " "),
        whom="" if step["condition"] == "always" else in_words.CONDITIONS[step["condition"]],
        warning=step["warning"],
        nature=in_words.nature_of(step, document),
        weights=[weigh_text(step, tag, site) for tag in _spoken(step, site.languages)],
    )


def _spoken(step: dict[str, Any], languages: Iterable[str]) -> list[str]:
    return [*languages, *(tag for tag in step["texts"] if tag not in languages)]


def weigh_text(step: dict[str, Any], tag: str, site: Site) -> Weight:
    words = StepWords(**step["texts"].get(tag, {}))
    spec = StepSpec(
        code=step["code"],
        anchor=Anchor(step["anchor"]),
        offset_days=step["offset_days"],
        at=time.fromisoformat(step["at"]),
        channels=tuple(step["channels"]),
        kind=step["kind"],
        warning=step["warning"],
    )
    return weigh(spec, words, tag, site)


def weigh(spec: StepSpec, words: StepWords, tag: str, site: Site) -> Weight:
    """The one place where the editor's figures come from: the page, the list and the signature agree."""
    known = known_values(site)
    sms, shared = None, 0
    if words.sms.strip() and not placeholders.unknown(words.sms):
        sms = measure(words.sms, tag, examples(tag, known))
        shared = parts_if_named(words.sms, tag, examples(tag, known), asks=spec.kind in ANSWERED)
    return Weight(
        language=tag,
        sms=sms,
        shared=shared,
        price=_money(sms.price(site.part_price) if sms else None, site.price_currency),
        grade=grade(words.sms or words.body, tag),
        wrong=list(word_faults(spec, words, tag)),
        known=list(word_warnings(spec, words, tag, known)),
    )


def _money(price: Decimal | None, currency: str) -> str:
    return "" if price is None else f"{price.normalize():f} {currency}"
