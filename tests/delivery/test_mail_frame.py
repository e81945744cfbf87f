"""What every mail has: the patient's page, a visit's address, buttons, numbers to dial, and a way out one can see."""

import re

import pytest

from reminders.delivery import mail_frame, mail_html
from reminders.plan import library

LINK = "https://c.example.org/p/abc/"


@pytest.mark.parametrize(
    ("body", "asks", "address", "ends"),
    [
        ("How are you?", "answer", "", f"How are you?\n\nAnswer on your page: {LINK}"),
        ("Come at 9.", "visit", "1 Main St", f"Where: 1 Main St\n\nYour visit, your answer and your calendar: {LINK}"),
        ("Come to 1 Main St.", "page", "1 Main St", f"Come to 1 Main St.\n\nYour page: {LINK}"),
    ],
)
def test_a_mail_gets_what_its_words_lack(body, asks, address, ends):
    assert mail_frame.with_page(body, language="en-US", link=LINK, address=address, asks=asks).endswith(ends)


def test_the_html_says_what_the_text_says_with_buttons_and_numbers_to_dial():
    text = f"Call 202-555-0100 <now> or 911.\n\nAnswer on your page: {LINK}"
    text = mail_frame.with_way_out(text, "https://c.example.org/p/u/x/", language="en")

    page = mail_html.page_of(text, title="A & B", numbers=[("202-555-0100", "+12025550100"), ("911", "911")])

    assert '<a href="tel:+12025550100">202-555-0100</a> &lt;now&gt; or <a href="tel:911">911</a>.' in page
    assert re.search(rf'<a href="{LINK}" style="[^"]*">Answer on your page</a>', page)
    assert ">Stop these e-mails</a>" in page
    assert "<title>A &amp; B</title>" in page
    assert min(int(size) for size in re.findall(r"font-size:(\d+)px", page)) >= 16


def test_no_shipped_mail_tells_somebody_without_a_phone_to_answer_a_text():
    """A patient who is only mailed has no text of ours to answer."""
    bodies = [words["body"] for one in library.shipped() for step in one["steps"] for words in step["texts"].values()]

    told = [body for body in bodies if re.search(r"\btext from us|our text|nuestros? mensajes? de texto", body)]

    assert len(bodies) > 400
    assert told == []
