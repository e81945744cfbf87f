"""Texts as a mail reader sees them, made HTML; how a phone sees them is known in `plan.wording`. Pure."""

import re
from html import escape

from reminders.plan.wording.carrier_keywords import forbidden_reply_words
from reminders.plan.wording.segments import SegmentCount, downgrade, parts

__all__ = ["SegmentCount", "downgrade", "forbidden_reply_words", "html_of", "parts"]

LINK = re.compile(r"https?://[^\s<>\"]+[^\s<>\".,;:!?)\]']")


def html_of(text: str) -> str:
    """The text as HTML: escaped, a paragraph for each blank line, addresses of pages made clickable."""
    paragraphs = re.split(r"\n\s*\n", text.replace("\r\n", "\n").strip())
    return "\n".join(f"<p>{_linked(paragraph)}</p>" for paragraph in paragraphs if paragraph)


def _linked(text: str) -> str:
    done, end = [], 0
    for found in LINK.finditer(text):
        url = escape(found[0])
        done += [escape(text[end : found.start()]), f'<a href="{url}">{url}</a>']
        end = found.end()
    done.append(escape(text[end:]))
    return "".join(done).replace("\n", "<br>\n")
