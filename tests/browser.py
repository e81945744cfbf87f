"""Fixtures for tests in a real browser, which may talk to this machine only."""

import os
import shutil
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack
from pathlib import Path
from typing import ParamSpec, TypeVar
from urllib.parse import urlsplit

import pytest
from django.db import connections
from playwright.sync_api import Browser, Page, Route, expect, sync_playwright

from tests.servers.fixtures import skip_outside_ci
from tests.waiting import HUNG

P = ParamSpec("P")
T = TypeVar("T")

NAMES = ["chromium", "chromium-browser", "google-chrome", "google-chrome-stable"]
ON_MAC = Path("/Applications/Google Chrome.app/Contents/MacOS/Google Chrome")
QUIET = [
    "--no-sandbox",  # CI runs as root; the browser only ever sees our own pages
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
    "--host-resolver-rules=MAP * ~NOTFOUND, EXCLUDE 127.0.0.1, EXCLUDE localhost",
]
OURS = {"127.0.0.1", "localhost"}
PATIENCE = HUNG * 1000 / 5  # milliseconds, for a page to load: the machine may be busy
KEEP_UNDO = """
const sheet = new CSSStyleSheet();
sheet.replaceSync(".undo { animation-play-state: paused !important }");
document.adoptedStyleSheets = [sheet];
"""  # an undo beside a row goes after ten seconds: no test is to depend on being faster
LOOK_UP = 20_000  # milliseconds, for what must be on a page: what is missing stays missing, and whoever waits learns so


def pytest_runtest_setup(item: pytest.Item) -> None:
    if item.get_closest_marker("browser") and chromium_path() is None:
        skip_outside_ci("no Chromium on PATH (set CHROMIUM to one elsewhere)")


def chromium_path() -> str | None:
    if told := os.environ.get("CHROMIUM"):
        return told
    found = filter(None, map(shutil.which, NAMES))
    return next(found, str(ON_MAC) if ON_MAC.exists() else None)


@pytest.fixture(scope="module")
def chromium() -> Iterator[Browser]:
    """One browser a module. While it is open an event loop runs in this thread: see `aside`.

    Django refuses the database inside a running loop; nothing here shares a connection
    with one, so that guard is off meanwhile.
    """
    with pytest.MonkeyPatch.context() as patch, sync_playwright() as playwright:
        patch.setenv("DJANGO_ALLOW_ASYNC_UNSAFE", "true")
        browser = playwright.chromium.launch(executable_path=chromium_path(), args=QUIET, timeout=PATIENCE)
        yield browser
        browser.close()


@pytest.fixture
def new_page(chromium: Browser) -> Iterator[Callable[[], Page]]:
    """Opens a page with cookies of its own, as another person's browser.

    The test fails when a page asks another host for anything, or a script breaks.
    """
    complaints: list[str] = []
    with ExitStack() as opened:

        def open_one() -> Page:
            context = chromium.new_context(locale="en-US", timezone_id="UTC", service_workers="block")
            opened.callback(context.close)
            context.set_default_timeout(LOOK_UP)
            context.set_default_navigation_timeout(PATIENCE)
            context.add_init_script(KEEP_UNDO)
            context.route(_leads_away, _refuse(complaints))
            context.on("weberror", lambda error: complaints.append(f"a script broke: {error.error}"))
            return context.new_page()

        expect.set_options(timeout=LOOK_UP)  # else five seconds
        yield open_one
    assert not complaints, "\n".join(complaints)


@pytest.fixture
def browser_page(new_page: Callable[[], Page]) -> Page:
    return new_page()


def _leads_away(address: str) -> bool:
    parts = urlsplit(address)
    return parts.scheme in ("http", "https", "ws", "wss") and parts.hostname not in OURS


def _refuse(complaints: list[str]) -> Callable[[Route], None]:
    def refuse(route: Route) -> None:
        complaints.append(f"a page asked another host: {route.request.url}")
        route.abort()

    return refuse


@pytest.fixture
def aside() -> Iterator[Callable[..., T]]:
    """Runs a function in a thread of its own: for what starts an event loop, such as sending."""
    with ThreadPoolExecutor(max_workers=1) as thread:
        yield lambda function, *args, **options: thread.submit(function, *args, **options).result()
        thread.submit(connections.close_all).result()
