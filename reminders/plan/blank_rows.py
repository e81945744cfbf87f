"""The blanks of one version as a surgeon is asked for them: what each is, where it stands, and what it says now."""

from dataclasses import dataclass

from reminders.plan import blank_checks, blanks
from reminders.plan.blanks import BLANKS
from reminders.plan.models import ProtocolVersion
from reminders.plan.version_review import pages_of, texts_of


@dataclass(frozen=True, slots=True)
class BlankRow:
    """`units`: what this site may fill it in with. `value`: "", "struck" or such as "10 lb"."""

    name: str
    label: str
    units: tuple[str, ...]
    value: str
    why: str
    where: list[str]
    was: str = ""  # what is kept, whatever was typed since
    wrong: str = ""

    @property
    def amount(self) -> str:
        return "" if self.is_struck else self.value.partition(" ")[0]

    @property
    def unit(self) -> str:
        return "" if self.is_struck else self.value.partition(" ")[2]

    @property
    def is_struck(self) -> bool:
        return self.value == blanks.STRUCK

    @property
    def placeholder(self) -> str:
        return f"{{{self.name}}}"

    @property
    def in_words(self) -> str:
        return {"": "open", blanks.STRUCK: "struck: its sentences are left out"}.get(self.value, self.value)


def rows_of(version: ProtocolVersion) -> list[BlankRow]:
    """Those that stand somewhere; a blank whose sentences were all edited away is not asked for."""
    kept, country = version.blanks, version.protocol.site.country
    used = blank_checks.used(blank_checks.places(texts_of(version), pages_of(version)))
    return [
        BlankRow(
            name=name,
            label=BLANKS[name].label,
            units=blanks.units_of(name, country),
            value=blanks.value_of(kept, name),
            why=str(kept.get(name, {}).get("why") or ""),
            where=used[name],
            was=blanks.value_of(kept, name),
        )
        for name in sorted(used, key=blanks.blank_order)
    ]
