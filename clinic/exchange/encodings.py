"""Bytes to text, as spreadsheets and hospital systems save it. Pure."""

import codecs

from clinic.exchange.import_rows import UnusableInput

SAVE_AGAIN = "Save it again as “CSV UTF-8”."
MARKS = [
    (codecs.BOM_UTF8, "utf-8-sig"),
    (codecs.BOM_UTF16_LE, "utf-16"),
    (codecs.BOM_UTF16_BE, "utf-16"),
]
NOT_TEXT = {
    b"PK\x03\x04": "This is an Excel workbook or a zip archive, not a text file.",
    b"\xd0\xcf\x11\xe0": "This is an old Excel workbook, not a text file.",
    b"%PDF": "This is a PDF, not a text file.",
    b"\x1f\x8b": "This file is compressed: unpack it first.",
}


def decode(raw: bytes) -> tuple[str, str]:
    """The text and the encoding it was read as; a byte-order mark is taken off. Windows-1252 is the last guess."""
    for start, says in NOT_TEXT.items():
        if raw.startswith(start):
            raise UnusableInput(f"{says} {SAVE_AGAIN}")
    encoding = _marked(raw) or _unmarked_utf16(raw)
    for guess in [encoding] if encoding else ["utf-8", "cp1252"]:
        try:
            return _checked(raw.decode(guess)), guess
        except UnicodeDecodeError:
            continue
    raise UnusableInput(f"The encoding of this file is neither UTF-8, UTF-16 nor Windows-1252. {SAVE_AGAIN}")


def _marked(raw: bytes) -> str:
    return next((encoding for mark, encoding in MARKS if raw.startswith(mark)), "")


def _unmarked_utf16(raw: bytes) -> str:
    """Mostly Latin text in UTF-16 has a NUL in every second byte."""
    head = raw[:400]
    if len(head) < 4 or head.count(0) * 3 < len(head):
        return ""
    return "utf-16-le" if head[1::2].count(0) > head[::2].count(0) else "utf-16-be"


def _checked(text: str) -> str:
    if "\0" in text:
        raise UnusableInput(f"This is not a text file, or its encoding is damaged. {SAVE_AGAIN}")
    return text


def damaged(value: str) -> bool:
    """Whether letters were damaged: é became Ã© (UTF-8 read as Windows-1252), or a letter was lost."""
    if "\ufffd" in value or any(0x80 <= ord(letter) < 0xA0 for letter in value):
        return True
    try:
        return not value.isascii() and value.encode("cp1252").decode("utf-8") != value
    except UnicodeError:
        return False
