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


WORDING_VERBAL = "I agree to get care messages from {clinic} by {channel}. I can stop them at any time."
