"""`make screenshots`: the README's pictures, taken of a demo clinic of its own. Needs Chromium; writes docs/images/."""

import os
import re
import secrets
import signal
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from urllib.error import URLError
from urllib.request import urlopen

from playwright.sync_api import Page, sync_playwright

from tests.browser import QUIET, chromium_path
from tests.servers.process import free_port

IMAGES = Path(__file__).resolve().parent.parent / "docs" / "images"
PASSWORD = "aftercare-demo"
DESK, PHONE = {"width": 1280, "height": 860}, {"width": 390, "height": 844}
PATIENTS_LINK = re.compile(r"http://localhost:\d+/p/[\w-]+/")
HUNG = 600  # seconds without an answer: something is wrong, not slow


def main() -> int:
    with _demo() as address, sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=chromium_path(), args=QUIET)
        page = browser.new_context(locale="en-US", timezone_id="America/New_York", viewport=DESK).new_page()
        page.set_default_timeout(HUNG * 1000)
        _sign_in(page, address, "lea")
        _take(page, f"{address}/staff/board/", "board")
        _take(page, f"{address}/staff/outbox/", "outbox")
        patients_link = PATIENTS_LINK.findall(page.content())[0]  # as a text carries it
        _sign_in(page, address, "hale")
        _take(page, f"{address}{_first_record(page, address)}", "record")
        page.set_viewport_size(PHONE)
        _take(page, patients_link, "patient")
        browser.close()
    return 0


@contextmanager
def _demo() -> Iterator[str]:
    """A demo clinic on a free port, with its data in a folder that goes away."""
    port = free_port()
    with tempfile.TemporaryDirectory(prefix="aftercare-pictures-") as folder:
        environment = os.environ | {
            "DEMO": "1", "VAR_DIR": folder, "DATABASE_URL": "", "REDIS_URL": "", "ENV_FILE": os.devnull,
            "SECRET_KEY": secrets.token_urlsafe(64), "PUBLIC_URL": f"http://localhost:{port}",
        }  # fmt: skip
        command = [sys.executable, "manage.py", "embedded", "--port", str(port)]
        running = subprocess.Popen(command, env=environment, start_new_session=True)
        try:
            _wait_for(f"http://localhost:{port}/health/web/", running)
            yield f"http://localhost:{port}"
        finally:
            os.killpg(running.pid, signal.SIGINT)
            running.wait()


def _wait_for(address: str, running: "subprocess.Popen[bytes]") -> None:
    hung = time.monotonic() + HUNG
    while running.poll() is None and time.monotonic() < hung:
        try:
            urlopen(address, timeout=HUNG).close()  # noqa: S310
        except URLError:
            time.sleep(0.2)
        else:
            return
    raise SystemExit("The demo clinic did not start; what it said stands above.")


def _sign_in(page: Page, address: str, name: str) -> None:
    page.context.clear_cookies()
    page.goto(f"{address}/staff/login/")
    page.fill("input[name=username]", name)
    page.fill("input[name=password]", PASSWORD)
    page.click("button[type=submit]")
    page.wait_for_url("**/staff/board/**")


def _first_record(page: Page, address: str) -> str:
    page.goto(f"{address}/staff/board/")
    return page.locator("a[href*='/staff/surgeries/'], a[href*='/staff/record/']").first.get_attribute("href") or ""


def _take(page: Page, address: str, name: str) -> None:
    page.goto(address)
    page.wait_for_load_state("networkidle")
    page.screenshot(path=IMAGES / f"{name}.png")
    print(f"docs/images/{name}.png")


if __name__ == "__main__":
    sys.exit(main())
