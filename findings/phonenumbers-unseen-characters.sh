#!/bin/sh
# phonenumbers 9.0.42 (PyPI) passes over some characters that nobody sees and refuses a number for others.
#
# Behaviour: inside a valid number a zero-width space, a soft hyphen, a word joiner and a no-break space do no harm. A
# direction mark (U+200E, U+061C), a zero-width joiner, a byte order mark, a variation selector (U+FE0F), and the
# spaces that CLDR and typesetters put between digits (narrow no-break U+202F, figure space U+2007) end in
# NumberParseException "did not seem to be a phone number". The same marks before the number are passed over, so a test
# with a number copied from a chat program, which puts them in front, shows nothing.
# Expected: one rule for all format characters and for all spaces.
#
# Needs Python 3.9 or newer and PyPI. Exit 0: it still behaves so. Exit 1: it has changed.
set -eu
folder=$(mktemp -d); trap 'rm -rf "$folder"' EXIT
python3 -m venv "$folder/venv"
"$folder/venv/bin/pip" install --quiet phonenumbers==9.0.42 2>/dev/null
"$folder/venv/bin/python" - <<'PYTHON'
import sys
import unicodedata
import phonenumbers


def is_read(text):
    try:
        return phonenumbers.format_number(phonenumbers.parse(text, "US"), 0) == "+12025550123"
    except phonenumbers.NumberParseException:
        return False


print(f"phonenumbers {phonenumbers.__version__}")
inside = {}
for letter in "\u200b\u00ad\u2060\u00a0\u3000\u200e\u061c\u200d\ufeff\ufe0f\u202f\u2007":
    inside[letter] = is_read(f"202{letter}555-0123")
    in_front = is_read(f"{letter}202-555-0123")
    print(f"U+{ord(letter):04X} {unicodedata.name(letter):28} inside: {inside[letter]!s:5} in front: {in_front}")
passed = {letter for letter, read in inside.items() if read}
sys.exit(0 if passed == set("\u200b\u00ad\u2060\u00a0\u3000") else 1)
PYTHON
# Output seen on 2026-12-01 (Python 3.11):
#   U+200B ZERO WIDTH SPACE             inside: True  in front: True
#   U+200E LEFT-TO-RIGHT MARK           inside: False in front: True
#   U+FE0F VARIATION SELECTOR-16        inside: False in front: True
#   U+202F NARROW NO-BREAK SPACE        inside: False in front: True
