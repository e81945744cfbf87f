#!/bin/sh
# nameparser 1.1.3 (PyPI) takes the family names Ma and Do for degrees, and gives the person a middle name as family name.
#
# Behaviour: where three names are given and the last one is Ma, Do or Sa, it becomes the suffix (M.A., D.O.) and the
# name before it the family name: of "Yo Yo Ma" Yo, of "Minh Anh Do" Anh, of "Jose Luis Sa" Luis. With two names
# it is right. In front "Do" is a title: "Do Kim" has no given name. Nothing is raised, `unparsable` is False, and
# `str(name)` still prints the whole name, so a look at a few rows shows nothing. Ma and Do are among the commonest
# family names of China and Viet Nam. With a comma ("Do, Minh Anh") all are read rightly.
# Expected: the last word as family name, or a sign that it is not sure.
#
# Needs Python 3.9 or newer and PyPI. Exit 0: it still behaves so. Exit 1: it has changed.
set -eu
folder=$(mktemp -d); trap 'rm -rf "$folder"' EXIT
python3 -m venv "$folder/venv"
"$folder/venv/bin/pip" install --quiet nameparser==1.1.3 2>/dev/null
"$folder/venv/bin/python" - <<'PYTHON'
import sys
from importlib.metadata import version
from nameparser import HumanName

MEANT = {  # name: family name
    "Yo Yo Ma": "Ma", "Minh Anh Do": "Do", "Jose Luis Sa": "Sa", "Jack Ma": "Ma", "Do, Minh Anh": "Do", "Do Kim": "Kim",
}
read = {name: HumanName(name) for name in MEANT}
print(f"nameparser {version('nameparser')}")
for name, one in read.items():
    said = {part: value for part, value in one.as_dict().items() if value}
    print(f"{name:13} family name {one.last!r}, meant {MEANT[name]!r}: {said}")
wrong = {name for name, one in read.items() if one.last != MEANT[name]}
same = wrong == {"Yo Yo Ma", "Minh Anh Do", "Jose Luis Sa"} and (read["Do Kim"].title, read["Do Kim"].first) == ("Do", "")
sys.exit(0 if same and not any(one.unparsable for one in read.values()) else 1)
PYTHON
# Output seen on 2026-12-01 (Python 3.11):
#   Yo Yo Ma      family name 'Yo', meant 'Ma': {'first': 'Yo', 'last': 'Yo', 'suffix': 'Ma'}
#   Minh Anh Do   family name 'Anh', meant 'Do': {'first': 'Minh', 'last': 'Anh', 'suffix': 'Do'}
#   Jose Luis Sa  family name 'Luis', meant 'Sa': {'first': 'Jose', 'last': 'Luis', 'suffix': 'Sa'}
#   Do Kim        family name 'Kim', meant 'Kim': {'title': 'Do', 'last': 'Kim'}
