"""Bytes to text, as spreadsheets and hospital systems save it. Pure."""

import codecs
from collections.abc import Iterator
from pathlib import Path

from clinic.exchange.import_rows import UnusableInput

COMMON = ("utf-8", "cp1252", "mac_roman", "cp1250", "iso8859-2", "cp1251", "koi8-r", "cp1253", "cp850")
SAVE_AGAIN = "Save it again as “CSV UTF-8”."
MARKS = [
    (codecs.BOM_UTF8, "utf-8-sig"),
    (codecs.BOM_UTF16_LE, "utf-16"),
    (codecs.BOM_UTF16_BE, "utf-16"),
]
NOT_TEXT = {
    b"PK\x03\x04": "This is an Excel workbook or a zip archive, not a text file.",
    b"\xd0\xcf\x11\xe0": "This is an old Excel workbook or one with a password, not a text file.",
    b"%PDF": "This is a PDF, not a text file.",
    b"\x1f\x8b": "This file is compressed: unpack it first.",
}


BLOCK = 1 << 18  # bytes decoded at a time


def of_file(path: Path, told: str = "") -> str:
    """The encoding of a text file, read block by block; empty where it is neither UTF-8, UTF-16 nor Windows-1252.

    `told`: what somebody said it is; raises UnusableInput where the file is not. Raises OSError.
    """
    if told and _lookup(told) is None:
        raise UnusableInput(f"There is no encoding “{told}”. Common ones are: {', '.join(COMMON)}.")
    with path.open("rb") as file:
        head = file.read(400)
    _refuse_documents(head)
    marked = _marked(head) or _unmarked_utf16(head)
    for guess in [told] if told else [marked] if marked else ["utf-8", "cp1252"]:
        if _decodes(path, guess):
            return guess
    if told:
        raise UnusableInput(f"This file is not in the encoding {told}: some of its bytes are no letters there.")
    return ""


def _lookup(name: str) -> codecs.CodecInfo | None:
    try:
        found = codecs.lookup(name)
    except LookupError:
        return None
    return found if found._is_text_encoding else None


def _decodes(path: Path, encoding: str) -> bool:
    """Raises UnusableInput where it holds NUL, which no text does."""
    decoder = codecs.getincrementaldecoder(encoding)()
    with path.open("rb") as file:
        try:
            while block := file.read(BLOCK):
                _checked(decoder.decode(block))
            decoder.decode(b"", final=True)
        except UnicodeError:
            return False
    return True


def lines(path: Path, encoding: str) -> Iterator[str]:
    """Without their ends, read as they are needed."""
    with path.open(encoding=encoding) as file:
        for line in file:
            yield line.removesuffix("\n")


def _refuse_documents(head: bytes) -> None:
    for start, says in NOT_TEXT.items():
        if head.startswith(start):
            raise UnusableInput(f"{says} {SAVE_AGAIN}")


def decode(raw: bytes) -> tuple[str, str]:
    """The text and the encoding it was read as; a byte-order mark is taken off. Windows-1252 is the last guess."""
    _refuse_documents(raw)
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
