"""Who may be told what."""

import pytest

from patients import consent


@pytest.mark.parametrize(
    ("scope", "visit", "warning", "told"),
    [
        ("all", False, False, True),
        ("all", True, False, True),
        ("all", False, True, True),
        ("visits", True, False, True),
        ("visits", True, True, True),
        ("visits", False, True, False),
        ("visits", False, False, False),
        ("warnings", False, True, True),
        ("warnings", True, False, True),
        ("warnings", False, False, False),
    ],
)
def test_a_caregiver_hears_what_was_agreed(scope: str, visit: bool, warning: bool, told: bool) -> None:
    assert consent.may_be_told(scope, about_a_visit=visit, is_warning=warning) is told
