"""What every test may use; the fixtures themselves live beside what they are about."""

import gc
from collections.abc import Iterator

import pytest
import time_machine
from hypothesis import HealthCheck, settings

from tests.size import SIZE, SIZES, sized

pytest_plugins = ["tests.servers.fixtures", "tests.fakes.fixtures", "tests.browser"]

EXAMPLES = sized(build=100, full=500)
settings.register_profile(
    "aftercare",
    deadline=None,
    suppress_health_check=[HealthCheck.too_slow],  # a busy machine is no fault
    derandomize=True,
    database=None,
    max_examples=EXAMPLES,
)
settings.load_profile("aftercare")  # the same examples in every run: a red build can be looked at again

gc.set_threshold(50_000, 20, 10)  # a tenth of the run was looking through what is only ever added to


@pytest.fixture(autouse=True)
def nothing_remembered() -> None:
    """A test's rows go when it ends, and the next one's get the same numbers."""
    from reminders.plan import load_protocol
    from tests import given

    load_protocol.forget()
    given.number_from(1)


def pytest_configure() -> None:
    """A good password hash takes half a second, by design; tests make hundreds of people."""
    if SIZE not in SIZES:
        pytest.exit(f"TESTS={SIZE} is no size. Set it to one of: {', '.join(SIZES)}.", returncode=2)
    from django.conf import settings as django_settings

    django_settings.PASSWORD_HASHERS = ["django.contrib.auth.hashers.MD5PasswordHasher"]
    django_settings.ROUND_NOTES = []  # outside the database, and so kept from test to test


@pytest.fixture(autouse=True)
def the_same_day(request: pytest.FixtureRequest) -> Iterator[None]:
    """It is Monday morning in every test, whatever the wall clock says; the seconds pass as usual.

    Not where other processes read the clock too: real workers, and a browser with its cookies.
    """
    if any(request.node.get_closest_marker(name) for name in ("processes", "browser")):
        yield
        return
    from tests.given import NOW

    request.getfixturevalue("settings").CLOCKS_APART = 10**9  # the database's clock stays in its own time
    with time_machine.travel(NOW, tick=True):
        yield


def pytest_collection_finish() -> None:
    """What was imported and collected stays to the end; the garbage collector need not look at it again."""
    gc.freeze()


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """The long ones first, so that at the end no worker is left alone with them."""
    items.sort(key=lambda item: item.get_closest_marker("long") is None)
