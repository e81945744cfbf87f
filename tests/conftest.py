"""What every test may use; the fixtures themselves live beside what they are about."""

import pytest
from hypothesis import settings

pytest_plugins = ["tests.servers.fixtures", "tests.fakes.fixtures", "tests.browser"]

settings.register_profile("aftercare", deadline=None, derandomize=True, database=None)
settings.load_profile("aftercare")  # the same examples in every run: a red build can be looked at again


@pytest.fixture(autouse=True)
def nothing_remembered() -> None:
    """A test's rows go when it ends, and on SQLite the next one's get the same numbers."""
    from reminders.plan import spec

    spec.forget()


def pytest_configure() -> None:
    """A good password hash takes half a second, by design; tests make hundreds of people."""
    from django.conf import settings as django_settings

    django_settings.PASSWORD_HASHERS = ["django.contrib.auth.hashers.MD5PasswordHasher"]
