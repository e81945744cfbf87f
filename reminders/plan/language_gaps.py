"""A language that a site offers and its protocols do not speak: what is missing, who is affected, what is sent instead.

It warns and does not refuse: a clinic may add a language first and its texts afterwards. Until then every text goes in
the clinic's own language, as `delivery.sending.texts.Library.find` does it.
"""

from collections.abc import Iterable

from patients.models import Patient, Site
from reminders.plan.files.in_words import language as name_of
from reminders.plan.models import ProtocolVersion, Step, StepText
from reminders.plan.models.protocol import VersionState


def base(tag: str) -> str:
    """`es` for es-MX: texts in the base are sent where the tag has none of its own."""
    return tag.split("-")[0].lower()


def unspoken(site: Site) -> list[str]:
    """The site's languages in which no protocol in use has any text; its own language is never among them."""
    spoken = StepText.objects.filter(step__version__in=_in_use(site)).values_list("language", flat=True).distinct()
    known = {tag for one in spoken for tag in (one, base(one))}
    return [tag for tag in site.languages[1:] if not {tag, base(tag)} & known]


def missing(site: Site, added: Iterable[str], built_in: Iterable[str]) -> list[str]:
    """A sentence for each language that lacks something. `built_in`: those that Aftercare's own words are in."""
    return [said for tag in added if (said := _sentence(site, tag, set(built_in)))]


def left_behind(site: Site, kept: Iterable[str]) -> list[str]:
    """A sentence for each language that is taken out and that patients of the site still have."""
    gone = [tag for tag in site.languages if tag not in set(kept)]
    return [
        f"{name_of(tag)} ({tag}): {_people(count)} this language and would keep it; nobody new is offered it."
        for tag in gone
        if (count := _patients(site, tag))
    ]


def _sentence(site: Site, tag: str, built_in: set[str]) -> str:
    lacking = [said for version in _in_use(site) if (said := _gap(version, tag))] if site.pk else []
    own = (
        "" if base(tag) in built_in else "Aftercare's own words (answers to replies, the patient's page) are not in it."
    )
    if not lacking and not own:
        return ""
    gaps = f"no text in {'; '.join(lacking)}." if lacking else ""
    who = f"{_people(_patients(site, tag))} this language; their texts would go in {name_of(site.language)}."
    return " ".join(part for part in (f"{name_of(tag)} ({tag}):", gaps, own, who) if part)


def _in_use(site: Site) -> list[ProtocolVersion]:
    """Of each protocol the signed version, else the latest draft."""
    rows = ProtocolVersion.objects.filter(protocol__site=site).exclude(state=VersionState.RETIRED)
    chosen: dict[int, ProtocolVersion] = {}
    for version in rows.select_related("protocol").order_by("number"):
        kept = chosen.get(version.protocol_id)
        if kept is None or kept.state != VersionState.SIGNED:
            chosen[version.protocol_id] = version
    return list(chosen.values())


def _gap(version: ProtocolVersion, tag: str) -> str:
    steps = Step.objects.filter(version=version)
    without = steps.exclude(texts__language__in=[tag, base(tag)]).count()
    return f"{version.protocol} ({without} of {steps.count()} steps)" if without else ""


def _patients(site: Site, tag: str) -> int:
    return Patient.objects.for_site(site).filter(language=tag).count() if site.pk else 0


def _people(count: int) -> str:
    return "1 patient has" if count == 1 else f"{count or 'no'} patients have"
