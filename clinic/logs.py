"""Log lines that name nobody: whatever a library or a traceback puts into one, addresses and links are taken out."""

import logging
import re

HIDDEN = "…"
LINK = re.compile(r"(/p/(?:[cu]/)?)[\w.:~-]{6,}")
PHONE = re.compile(r"\+\d[\d -]{6,}\d")
MAIL = re.compile(r"[\w.+-]+@[\w-]+(?:\.[\w-]+)+")


def discreet(text: str) -> str:
    """Without patients' links, phone numbers in E.164 or as read aloud, and e-mail addresses."""
    return MAIL.sub(HIDDEN, PHONE.sub(HIDDEN, LINK.sub(rf"\1{HIDDEN}", text)))


class Discreet(logging.Formatter):
    """Works on the finished line, so that arguments and tracebacks pass through it too."""

    def format(self, record: logging.LogRecord) -> str:
        return discreet(super().format(record))
