"""What may stand in a log line, whoever writes it."""

import logging
import sys

import pytest

from clinic.logs import Discreet


@pytest.mark.parametrize(
    ("said", "written"),
    [
        ("Not Found: /p/QgwelCM0Qa-O/", "Not Found: /p/…/"),
        ("Conflict: /p/QgwelCM0Qa-O/visit/3/", "Conflict: /p/…/visit/3/"),
        ("Bad Request: /p/u/MTI:1vabc:xyz_-Q/", "Bad Request: /p/u/…/"),
        ("Not Found: /p/c/12-QgwelCM0Qa-O/", "Not Found: /p/c/…/"),
        ("Key (phone)=(+12025550123) already exists", "Key (phone)=(…) already exists"),
        ("to +1 202-555-0123, refused", "to …, refused"),
        ("550 ana.ruiz@example.org unknown", "550 … unknown"),
        ("could not record 250 results, try 3", "could not record 250 results, try 3"),
    ],
)
def test_addresses_and_links_are_left_out(said, written):
    record = logging.LogRecord("x", logging.WARNING, __file__, 1, "%s", (said,), None)

    assert Discreet().format(record) == written


def test_a_traceback_is_as_discreet():
    try:
        raise ValueError("+12025550123")
    except ValueError:
        record = logging.LogRecord("x", logging.ERROR, __file__, 1, "failed", (), sys.exc_info())

    written = Discreet().format(record)
    assert "ValueError" in written
    assert "2025550123" not in written


def test_the_only_handler_writes_with_it(settings):
    assert {handler["formatter"] for handler in settings.LOGGING["handlers"].values()} == {"discreet"}
    assert settings.LOGGING["formatters"]["discreet"]["()"] == "clinic.logs.Discreet"
