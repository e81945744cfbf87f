"""Texts as a mail reader sees them, made HTML; how a phone sees them is known in `plan.wording`. Pure."""

import re
from collections.abc import Iterable, Sequence
from html import escape

from reminders.plan.wording.carrier_keywords import forbidden_reply_words
from reminders.plan.wording.segments import SegmentCount, downgrade, parts

__all__ = ["SegmentCount", "downgrade", "forbidden_reply_words", "html_of", "page_of", "parts"]

LINK = re.compile(r"https?://[^\s<>\"]+[^\s<>\".,;:!?)\]']")


BUTTON = re.compile(r"([^\n:]{1,60}): (https?://[^\s<>\"]+)")  # a line of its own: what it is for, and where it leads
FONT = "font-family:Arial,Helvetica,sans-serif;font-size:18px;line-height:1.5;color:#1a1a1a"
PRESSED = (
    "display:inline-block;padding:14px 24px;border-radius:8px;background:#0b5394;color:#ffffff;"
    "font-size:18px;font-weight:bold;text-decoration:none"
)
PAGE = """<!doctype html>
<html lang="{language}">
<head><meta charset="utf-8"><meta name="viewport" content="width=device-width, initial-scale=1"><title>{title}</title>
</head>
<body style="margin:0;padding:0;background:#ffffff">
<div style="max-width:600px;margin:0 auto;padding:24px 16px;{font}">
{body}
</div>
</body>
</html>
"""


def page_of(text: str, *, title: str = "", language: str = "en", numbers: Iterable[tuple[str, str]] = ()) -> str:
    """A whole page that says what the text says. `numbers`: as they are written in it, and as they are dialled."""
    body = html_of(text, numbers=tuple(numbers), buttons=True)
    return PAGE.format(language=escape(language), title=escape(title), font=FONT, body=body)


def html_of(text: str, *, numbers: Sequence[tuple[str, str]] = (), buttons: bool = False) -> str:
    """The text as HTML: escaped, a paragraph for each blank line, addresses of pages made clickable."""
    paragraphs = re.split(r"\n\s*\n", text.replace("\r\n", "\n").strip())
    return "\n".join(_paragraph(one, numbers, buttons=buttons) for one in paragraphs if one)


def _paragraph(text: str, numbers: Sequence[tuple[str, str]], *, buttons: bool) -> str:
    if buttons and (found := BUTTON.fullmatch(text)):
        label, url = map(escape, found.groups())
        return f'<p><a href="{url}" style="{PRESSED}">{label}</a></p>'
    return f"<p>{_linked(text, numbers)}</p>"


def _linked(text: str, numbers: Sequence[tuple[str, str]]) -> str:
    done, end = [], 0
    for found in LINK.finditer(text):
        url = escape(found[0])
        done += [_callable(text[end : found.start()], numbers), f'<a href="{url}">{url}</a>']
        end = found.end()
    done.append(_callable(text[end:], numbers))
    return "".join(done).replace("\n", "<br>\n")


def _callable(text: str, numbers: Sequence[tuple[str, str]]) -> str:
    """Escaped, with its phone numbers made ready to dial."""
    dialled = {written: number for written, number in numbers if written}
    if not dialled:
        return escape(text)
    some = "|".join(re.escape(one) for one in sorted(dialled, key=len, reverse=True))
    parts = re.split(rf"(?<![\w+])({some})(?!\w)", text)
    return "".join(f'<a href="tel:{escape(dialled[one])}">{escape(one)}</a>' if one in dialled else escape(one)
                   for one in parts)  # fmt: skip
