"""Texts as a phone or a mail reader sees them: counted, made plain, made HTML. Pure."""

import re
from html import escape
from typing import NamedTuple

# GSM 03.38. Characters of the second row cost two: the network sends an escape before them.
GSM_BASIC = frozenset(
    "@£$¥èéùìòÇ\nØø\rÅåΔ_ΦΓΛΩΠΨΣΘΞÆæßÉ !\"#¤%&'()*+,-./0123456789:;<=>?"
    "¡ABCDEFGHIJKLMNOPQRSTUVWXYZÄÖÑÜ§¿abcdefghijklmnopqrstuvwxyzäöñüà"
)
GSM_EXTENDED = frozenset("\f^{}\\[~]|€")
ROOM = {"GSM-7": (160, 153), "UCS-2": (70, 67)}  # alone, and as one of several

PLAIN = str.maketrans(
    {
        **dict.fromkeys("‘’‚‛′´`", "'"),
        **dict.fromkeys("“”„‟″", '"'),
        **dict.fromkeys("‐‑‒–—―−•", "-"),
        **dict.fromkeys("\t\u00a0\u2002\u2003\u2004\u2005\u2006\u2007\u2008\u2009\u200a\u202f", " "),
        **dict.fromkeys("\u00ad\u200b\u2060\ufeff", ""),
        "…": "...",
    }
)

LINK = re.compile(r"https?://[^\s<>\"]+[^\s<>\".,;:!?)\]']")

# Twilio reads the first three as "send me texts again" and the others as "never again" (INFO as HELP),
# so none of them can mean anything to the clinic. STOP is not here: a text must say how to opt out.
TAKEN = ("YES", "START", "UNSTOP", "CANCEL", "END", "QUIT", "REVOKE", "INFO")
ASKS_FOR_A_REPLY = re.compile(
    r"\b(?:reply|respond|answer|text|send|type|write|responda|responde|conteste|env[ií]e|escriba"
    r"|r[ée]pondez|envoyez|antworten)\b",
    re.IGNORECASE,
)


class Parts(NamedTuple):
    encoding: str
    characters: int
    parts: int


def parts(text: str) -> Parts:
    """How a phone network will cut the text. One character outside GSM-7 makes all of them dearer."""
    encoding = "GSM-7" if GSM_BASIC.union(GSM_EXTENDED).issuperset(text) else "UCS-2"
    sizes = [_size(character, encoding) for character in text]
    alone, together = ROOM[encoding]
    total = sum(sizes)
    return Parts(encoding, total, min(total, 1) if total <= alone else _packed(sizes, together))


def _size(character: str, encoding: str) -> int:
    if encoding == "GSM-7":
        return 2 if character in GSM_EXTENDED else 1
    return 2 if ord(character) > 0xFFFF else 1


def _packed(sizes: list[int], room: int) -> int:
    """A character of size two never straddles the border of two parts."""
    count, used = 1, 0
    for size in sizes:
        if used + size > room:
            count, used = count + 1, 0
        used += size
    return count


def downgrade(text: str) -> str:
    """Typographic marks as a phone's plain ones. Letters keep their accents: they carry meaning."""
    return text.translate(PLAIN)


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


def forbidden_reply_words(text: str) -> list[str]:
    """Words the text asks the patient to send although the provider takes them for itself."""
    sentences = re.split(r"(?<=[.!?])\s+|\n+", text)
    return [word for word in TAKEN if any(_offers(sentence, word) for sentence in sentences)]


def _offers(sentence: str, word: str) -> bool:
    """`Text us to cancel` is fine; `text CANCEL`, `reply 'yes'`, `reply yes` and `YES = I come` are not."""
    if re.search(rf"\b{word}\s*=", sentence):
        return True
    asking = ASKS_FOR_A_REPLY.search(sentence)
    if asking is None:
        return False
    rest = sentence[asking.start() :]
    quoted = rf"[\"'“‘«]\s*{word}\s*[\"'”’»]"
    at_once = rf"{ASKS_FOR_A_REPLY.pattern}\s+(?:with\s+|back\s+|con\s+|mit\s+)?(?:the word\s+)?{word}\b"
    return bool(
        re.search(rf"\b{word}\b", sentence)
        or re.search(quoted, rest, re.IGNORECASE)
        or re.search(at_once, rest, re.IGNORECASE)
    )
