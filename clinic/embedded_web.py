"""Gunicorn's settings in `manage.py embedded`: the pages are loaded beside the migrations, and served when told to."""

import signal
import sys

from django.urls import get_resolver

from clinic import parent_process

parent_process.follow()
preload_app = True  # before the socket is opened, that is before `on_starting`
signal.signal(signal.SIGINT, signal.SIG_DFL)  # Ctrl-C while it loads or waits; Gunicorn sets its own afterwards


def on_starting(server: object) -> None:
    """Load every page, then wait for a line on standard input; if the input ends without one, `embedded` has ended."""
    _ = get_resolver().url_patterns
    if not sys.stdin.readline():
        sys.exit()
