"""Who may be told what. Pure: the latest consent event of a contact counts, and its scope says for which steps."""

from enum import StrEnum

ALL, VISITS, WARNINGS = "all", "visits", "warnings"


class ConsentKind(StrEnum):
    GIVEN = "given"
    WITHDRAWN = "withdrawn"


def may_be_told(scope: str, *, about_a_visit: bool, is_warning: bool) -> bool:
    """A caregiver with the scope `visits` hears of visits only, with `warnings` of warnings and visits."""
    if scope == ALL:
        return True
    return about_a_visit if scope == VISITS else about_a_visit or is_warning


def stricter(one: str | None, other: str | None) -> str | None:
    """Of the latest events of one address on two records; None: nobody asked. Withdrawn on either is withdrawn.

    Given on one where nobody asked on the other is given: it was agreed to, by the same person for the same address.
    """
    both = {one, other}
    return next((kind for kind in (ConsentKind.WITHDRAWN, ConsentKind.GIVEN) if kind in both), None)


def narrower(one: str, other: str) -> str:
    """The scope that lets less through."""
    return min(one, other, key=[VISITS, WARNINGS, ALL].index)


WORDING_VERBAL = "I agree to get care messages from {clinic} by {channel}. I can stop them at any time."
