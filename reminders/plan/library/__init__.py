"""The protocols that come with the install: one YAML file each, brought in as unsigned drafts."""

from collections.abc import Iterable
from dataclasses import asdict
from functools import cache
from pathlib import Path
from typing import Any

import yaml
from django.db import transaction
from django.db.models import Exists, OuterRef

from patients.models import Procedure, Site
from patients.models.surgery import Family
from reminders.plan.files.document_rows import ABOUT_A_VERSION, parts_of
from reminders.plan.models import DefaultProtocol, PaceRule, Protocol, ProtocolVersion
from reminders.plan.pace import ProposalRule
from reminders.plan.values import Comparison, Factor, Proposes

HERE = Path(__file__).parent
OWN_DRAFT = "A draft of Aftercare's own: edit to your practice."
PROCEDURES = [
    ("miss", "Minimally invasive spine surgery, other", Family.BASE),
    ("microdiscectomy", "Microdiscectomy", Family.DECOMPRESSION),
    ("endoscopic-discectomy", "Endoscopic discectomy", Family.DECOMPRESSION),
    ("laminectomy", "Minimally invasive laminectomy", Family.DECOMPRESSION),
    ("foraminotomy", "Foraminotomy", Family.DECOMPRESSION),
    ("tlif", "MIS TLIF", Family.FUSION),
    ("plif", "MIS PLIF", Family.FUSION),
    ("llif", "MIS LLIF", Family.FUSION),
    ("kyphoplasty", "Kyphoplasty", Family.VERTEBROPLASTY),
    ("vertebroplasty", "Vertebroplasty", Family.VERTEBROPLASTY),
    ("si-fusion", "SI joint fusion", Family.SI_FUSION),
]


@cache
def shipped() -> list[dict[str, Any]]:
    """Read once: half a megabyte of YAML takes seconds."""
    loader = getattr(yaml, "CSafeLoader", yaml.SafeLoader)  # ten times faster, where libyaml was built in
    return [yaml.load(path.read_bytes(), Loader=loader) for path in sorted(HERE.glob("*.yaml"))]  # noqa: S506


@cache
def pace_rules() -> tuple[ProposalRule, ...]:
    """What the four factors propose where a site has no rules of its own."""
    rows = yaml.safe_load((HERE / "pace_rules.yml").read_bytes())
    return tuple(_rule(row) for row in rows)


def _rule(row: dict[str, Any]) -> ProposalRule:
    kinds = {"factor": Factor(row["factor"]), "test": Comparison(row["test"]), "proposes": Proposes(row["proposes"])}
    return ProposalRule(**row | kinds)


def install(site: Site) -> None:
    """Every shipped protocol as an unsigned draft of this site; what the site already has is left alone."""
    procedures = [Procedure(code=code, name=name, family=family) for code, name, family in PROCEDURES]
    Procedure.objects.bulk_create(procedures, ignore_conflicts=True)
    for data in shipped():
        if not Protocol.objects.for_site(site).filter(code=data["code"]).exists():
            bring_in(site, data)
    if not PaceRule.objects.for_site(site).exists():
        PaceRule.objects.bulk_create(PaceRule(site=site, source=OWN_DRAFT, **asdict(rule)) for rule in pace_rules())


def offer(procedure: Procedure) -> None:
    """Every site that has a protocol for its family starts it with that one: a signed one before a draft."""
    fitting = Protocol.objects.filter(family=procedure.family).annotate(
        is_signed=Exists(ProtocolVersion.objects.signed().filter(protocol=OuterRef("pk")))
    )
    best = {protocol.site_id: protocol for protocol in fitting.order_by("is_signed", "-pk")}  # the last one wins
    for site, protocol in best.items():
        DefaultProtocol.objects.get_or_create(site_id=site, procedure=procedure, defaults={"protocol": protocol})


@transaction.atomic
def bring_in(site: Site, data: dict[str, Any]) -> ProtocolVersion:
    """One protocol as read from a file: version 1, a draft, default for the procedures of its family."""
    head = {key: data[key] for key in ("code", "name", "family", "summary")}
    protocol = Protocol.objects.create(site=site, **head)
    _make_default(protocol, Procedure.objects.filter(family=protocol.family))
    about = {name: data[name] for name in ABOUT_A_VERSION if name in data}
    version = ProtocolVersion.objects.create(protocol=protocol, **about)
    parts_of(version, data).save()
    return version


def _make_default(protocol: Protocol, procedures: Iterable[Procedure]) -> None:
    """A procedure that has another one at this site keeps it."""
    rows = [DefaultProtocol(site=protocol.site, procedure=procedure, protocol=protocol) for procedure in procedures]
    DefaultProtocol.objects.bulk_create(rows, ignore_conflicts=True)
