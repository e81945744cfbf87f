"""The page for the operator at night names what the program can say, all of it and nothing else."""

import ast
import re
from collections.abc import Iterator
from io import StringIO
from pathlib import Path

import pytest
from django.core.management import CommandError, call_command, get_commands

from clinic import health
from reminders.delivery.codes import Where, look_up
from reminders.delivery.models import Attempt
from reminders.delivery.monitoring import problems, watchdogs
from tests import given
from tests.delivery.sending import a_promise, live, ring, site, surgeon, the_contact

__all__ = ["live", "site", "surgeon"]

ROOT = Path(__file__).parents[1]
PAGE = (ROOT / "docs" / "operations.md").read_text()
ROWS = {m[1]: (m[2], m[3]) for m in re.finditer(r"^\| `(\w+)` \| ([^|]+) \| ([^|]+) \|", PAGE, re.MULTILINE)}
NO_NAMES = {"alarms", "senders"}  # watchdogs that speak under other names


def warned() -> Iterator[tuple[str, str]]:
    """The literal names of warnings in the code, and when they are urgent: as the page's second column begins."""
    for package in ("clinic", "reminders"):
        for file in (ROOT / package).rglob("*.py"):
            for node in ast.walk(ast.parse(file.read_text())):
                if isinstance(node, ast.Call) and getattr(node.func, "id", "") == "WatchdogWarning":
                    name = node.args[0]
                    urgent = [key.value for key in node.keywords if key.arg == "urgent"] + node.args[4:5]
                    if isinstance(name, ast.Constant):
                        yield str(name.value), "503" if urgent else "waits"


def sounded() -> Iterator[str]:
    """The literal names of alarms in the code."""
    for package in ("clinic", "reminders"):
        for file in (ROOT / package).rglob("*.py"):
            for node in ast.walk(ast.parse(file.read_text())):
                if isinstance(node, ast.Call) and node.args and called(node) in SOUNDING:
                    first = node.args[0]
                    if isinstance(first, ast.Constant) and isinstance(first.value, str):
                        yield first.value


def called(node: ast.Call) -> str:
    return str(getattr(node.func, "attr", getattr(node.func, "id", "")))


SOUNDING = ("sound", "_alert", "_about_contact")


def test_every_name_that_health_can_answer_stands_on_the_page_and_no_other():
    names = {*health.ALWAYS, *problems.ALARMS, *(name for name, _ in warned()), "database"}
    names |= set(sounded()) | {name for name in watchdogs.WATCHDOGS if name not in NO_NAMES}

    assert set(ROWS) == names


def test_what_calls_the_pager_is_what_the_page_says():
    told = {name: pager.split()[0] for name, (pager, _) in ROWS.items()}

    assert {name: told[name] for name in problems.ALARMS} == {
        name: "503" if trouble.urgent else "waits" for name, trouble in problems.ALARMS.items()
    }
    assert {name: told[name] for name, _ in warned() if name not in problems.ALARMS} == {
        name: pager for name, pager in warned() if name not in problems.ALARMS
    }


def test_each_alarm_stands_there_with_its_sentence():
    other = {name for name, trouble in problems.ALARMS.items() if trouble.sentence.rstrip(".") not in ROWS[name][1]}

    assert not other


@pytest.mark.parametrize("code", [int(code) for code in re.findall(r"^\| (\d{5})", PAGE, re.MULTILINE)])
def test_the_codes_on_the_page_are_known(code):
    assert any(look_up(code, where).known for where in Where)


def test_the_codes_that_matter_and_every_command_named_there_exist():
    assert {"21610", "21211", "30003", "30007", "30034"} <= set(re.findall(r"\d{5}", PAGE))
    assert set(re.findall(r"manage\.py (\w+)", PAGE)) <= set(get_commands())


@pytest.mark.django_db
def test_one_message_is_found_by_its_id_or_number_without_a_name_or_a_text(live, surgeon, twilio):
    reminder = a_promise(live, given.a_phone(given.phone(7)), by=surgeon)
    ring(reminder.due_at)
    attempt = Attempt.objects.get()

    for what in (attempt.provider_id, str(attempt.pk), the_contact(reminder).address):
        out = StringIO()
        call_command("find_message", what, stdout=out)
        said = out.getvalue()
        assert attempt.provider_id in said
        assert f"delivery {attempt.delivery_id}, sms, accepted" in said
        assert attempt.delivery.text not in said
        assert reminder.surgery.patient.family_name not in said

    with pytest.raises(CommandError, match="Nothing here has this id or number"):
        call_command("find_message", "SM" + "0" * 32)
