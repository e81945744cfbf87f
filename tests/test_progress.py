"""A long piece of work says where it is, every few seconds, however long one of its steps takes."""

from io import StringIO

from clinic import progress
from clinic.progress import Progress


class Clock:
    """Time passes when it is waited for; then `during` happens."""

    def __init__(self, *during):
        self.during, self.waited = list(during), []

    def wait(self, seconds: float) -> bool:
        self.waited.append(seconds)
        if not self.during:
            return True
        self.during.pop(0)()
        return False


class ProgressTerminal(StringIO):
    def isatty(self) -> bool:
        return True


def test_a_line_at_the_start_one_each_time_some_seconds_have_passed_and_one_at_the_end():
    screen = StringIO()
    clock = Clock(lambda: shown.at(1, "a long one"), lambda: None, lambda: shown.at(3))

    shown = Progress("Playing", 3, "days", screen, wait=clock.wait)
    with shown:
        shown.thread.join()

    assert screen.getvalue().splitlines() == [
        "Playing: 0 of 3 days",
        "Playing: 1 of 3 days (a long one)",
        "Playing: 1 of 3 days (a long one)",
        "Playing: 3 of 3 days",
        "Playing: 3 of 3 days",
    ]


def test_it_is_never_silent_for_five_seconds():
    clock = Clock(lambda: None)

    with Progress("Playing", 3, "days", StringIO(), wait=clock.wait) as shown:
        shown.thread.join()

    assert max(clock.waited) == progress.EVERY < 5


def test_on_a_terminal_it_is_a_bar():
    screen = ProgressTerminal()

    with Progress("Playing", 3, "days", screen) as shown:
        shown.at(3, "the last")

    assert "Playing: 100%" in screen.getvalue()
    assert "the last" in screen.getvalue()


def test_where_the_work_fails_it_stops_and_the_error_goes_on():
    screen = StringIO()

    try:
        with Progress("Playing", 3, "days", screen) as shown:
            shown.at(1)
            raise KeyboardInterrupt
    except KeyboardInterrupt:
        pass

    assert not shown.thread.is_alive()
    assert screen.getvalue().splitlines()[-1] == "Playing: 1 of 3 days"
