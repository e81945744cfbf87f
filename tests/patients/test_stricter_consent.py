"""Two records of one address: what stays is the stricter of both."""

import pytest

from patients.consent import narrower, stricter

GIVEN, WITHDRAWN, NEVER = "given", "withdrawn", None


@pytest.mark.parametrize(
    ("one", "other", "stays"),
    [
        (GIVEN, GIVEN, GIVEN),
        (GIVEN, WITHDRAWN, WITHDRAWN),
        (WITHDRAWN, WITHDRAWN, WITHDRAWN),
        (NEVER, WITHDRAWN, WITHDRAWN),
        (NEVER, GIVEN, GIVEN),
        (NEVER, NEVER, NEVER),
    ],
)
def test_withdrawn_on_either_record_is_withdrawn(one, other, stays):
    assert stricter(one, other) == stricter(other, one) == stays


def test_the_scope_that_lets_less_through_stays():
    assert narrower("all", "visits") == narrower("visits", "warnings") == "visits"
    assert narrower("all", "warnings") == "warnings"
