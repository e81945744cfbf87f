"""The steps behind the product's own words about a visit's time: of a protocol of each site that nobody sees or edits.

Its version stays a draft, for no surgeon signs it, and no plan is pinned to it. Steps are made when first needed.
"""

from collections import defaultdict
from collections.abc import Iterable, Mapping
from datetime import time
from functools import cache
from pathlib import Path
from typing import Any

import yaml

from patients.models.surgery import Family
from reminders.plan.models import CheckUpDefinition, Phase, Protocol, ProtocolVersion, Step, StepText
from reminders.plan.models.protocol import VISIT_NOTICES
from reminders.plan.models.step import StepKind
from reminders.plan.values import Anchor
from reminders.plan.visit_notices import CHANNELS, MARK, is_notice, kind_of

TEXTS = Path(__file__).parent / "library" / "visit_notices.yml"
EDITION = 1  # raise it when the texts change: what was sent keeps the words it was sent with
ONLY_PHASE = "visits"
Keys = Mapping[int, Mapping[str, int]]  # by site and code


@cache
def wording() -> Mapping[str, Mapping[str, Any]]:
    """By kind of notice: its title, and its words in each language."""
    found: dict[str, dict[str, Any]] = yaml.safe_load(TEXTS.read_bytes())
    return found


def steps_for(wanted: Mapping[int, Iterable[str]]) -> Keys:
    """`wanted`: step codes by site; of them only the notices. Two who make the same at once do no harm."""
    asked = {site: sorted(filter(is_notice, codes)) for site, codes in wanted.items()}
    asked = {site: codes for site, codes in asked.items() if codes}
    if not asked:
        return {}
    found = _found(asked)
    for site, codes in sorted(asked.items()):
        if missing := [code for code in codes if code not in found[site]]:
            _make(site, missing)
    return _found(asked)


def _found(sites: Iterable[int]) -> Keys:
    keys: dict[int, dict[str, int]] = defaultdict(dict)
    own = {"version__protocol__code": VISIT_NOTICES, "version__number": EDITION}
    rows = Step.objects.filter(version__protocol__site__in=list(sites), **own)
    for site, code, pk in rows.order_by().values_list("version__protocol__site", "code", "pk"):
        keys[site][code] = pk
    return keys


def _make(site: int, codes: Iterable[str]) -> None:
    about = {"name": "Visit notices", "family": Family.BASE, "summary": "Aftercare's own: never edited or signed."}
    protocol, _ = Protocol.everything.get_or_create(site_id=site, code=VISIT_NOTICES, defaults=about)
    version, _ = ProtocolVersion.everything.get_or_create(protocol=protocol, number=EDITION)
    phase, _ = Phase.objects.get_or_create(version=version, code=ONLY_PHASE, defaults={"first_day": 0})
    for code in codes:
        _make_step(version, phase, code)


def _make_step(version: ProtocolVersion, phase: Phase, code: str) -> None:
    days = {"first_day": 0, "target_day": 0, "last_day": 0}
    check_up, _ = CheckUpDefinition.objects.get_or_create(version=version, code=code.partition(MARK)[2], defaults=days)
    defaults = _facts(code) | {"phase": phase, "check_up": check_up}
    step, _ = Step.objects.get_or_create(version=version, code=code, defaults=defaults)
    for language, text in wording()[kind_of(code)]["texts"].items():
        StepText.objects.get_or_create(step=step, language=language, defaults=text)


def _facts(code: str) -> dict[str, Any]:
    facts = {"kind": StepKind.VISIT_REMINDER, "title": wording()[kind_of(code)]["title"], "at": time(9)}
    return facts | {"anchor": Anchor.VISIT, "channels": list(CHANNELS), "useful_days": 0}


def sketched(codes: Iterable[str]) -> dict[str, tuple[Step, dict[str, StepText]]]:
    """For a preview, which writes nothing: each step with its words by language. Their keys lie below 0."""
    phase = Phase(code=ONLY_PHASE, first_day=0)
    found: dict[str, tuple[Step, dict[str, StepText]]] = {}
    for number, code in enumerate(codes, start=1):
        check_up = CheckUpDefinition(code=code.partition(MARK)[2])
        step = Step(pk=-number, code=code, phase=phase, check_up=check_up, **_facts(code))
        texts = wording()[kind_of(code)]["texts"]
        found[code] = step, {tag: StepText(step=step, language=tag, **words) for tag, words in texts.items()}
    return found
