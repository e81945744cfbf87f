"""Protocols as files: the smallest shipped one, the same with a change in it, and what the tables hold of them."""

from patients.models import Site
from reminders.plan import library
from reminders.plan.models import Phase, Protocol, ProtocolVersion, Step, StepText

SMALL = (library.HERE / "vertebroplasty.yaml").read_bytes()


def changed(*pairs: tuple[str, str]) -> str:
    """The smallest shipped file with something put in place of something else, once."""
    text = SMALL.decode()
    for old, new in pairs:
        assert old in text, old
        text = text.replace(old, new, 1)
    return text


def counts() -> list[int]:
    return [model.objects.count() for model in (Protocol, ProtocolVersion, Phase, Step, StepText)]


def shipped_version(site: Site, code: str = "vertebroplasty") -> ProtocolVersion:
    return ProtocolVersion.objects.select_related("protocol").get(protocol__site=site, protocol__code=code)
