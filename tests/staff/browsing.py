"""How a test of staff pages opens a browser: signed in, at a desk, with pictures to look at where they are wanted."""

import os
from pathlib import Path

from django.test import Client
from django.urls import reverse
from playwright.sync_api import Page

from patients.models import StaffMember, Surgery

PICTURES = os.environ.get("PICTURES", "")  # a folder: keeps a picture of each page to look at
WIDTHS = (1280, 390)


def sign_in(page: Page, address: str, staff: StaffMember) -> Page:
    client = Client()
    client.force_login(staff)
    cookie = {"name": "sessionid", "value": client.cookies["sessionid"].value, "url": address}
    page.context.add_cookies([cookie])
    page.set_viewport_size({"width": 1280, "height": 900})
    return page


def at_the_record(page: Page, address: str, surgery: Surgery) -> Page:
    """Signed in as who operates."""
    page = sign_in(page, address, surgery.surgeon)
    page.goto(address + reverse("staff:record", args=[surgery.pk]))
    return page


def fits(page: Page, name: str) -> None:
    """Nothing sticks out sideways, on a desk and on a phone."""
    for width in WIDTHS:
        page.set_viewport_size({"width": width, "height": 900})
        assert page.evaluate("document.documentElement.scrollWidth <= innerWidth"), width
        if PICTURES:
            page.screenshot(path=Path(PICTURES) / f"{name}-{width}.png", full_page=True)
    page.set_viewport_size({"width": 1280, "height": 900})
