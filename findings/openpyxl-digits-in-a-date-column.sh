#!/bin/sh
# openpyxl 3.1.5: a large number in a cell with a date format is read as the text "#VALUE!"; saving writes that for good.
#
# A phone number such as 2025550110 in a column that somebody formatted as dates is a valid cell: the file holds the
# digits, Excel shows ######## and gives the number back once the format is changed. openpyxl gives "#VALUE!" instead,
# in both of its modes and with data_only too, with no more than a UserWarning; the digits cannot be asked for, and
# load + save replaces them in the file by an error cell.
#
# Seen on 2026-12-01, Python 3.11:
#   in the file: 2025550110
#   read: '#VALUE!' 'e' read-only: '#VALUE!'
#   after load and save, in the file: #VALUE!
# Ends with 1 once that is no longer so.
set -eu
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
python3 -m pip install --quiet --disable-pip-version-check --target "$folder" openpyxl==3.1.5 et-xmlfile==2.0.0
PYTHONPATH="$folder" python3 - "$folder" <<'PY'
import re, sys, warnings, zipfile
from pathlib import Path
from openpyxl import Workbook, load_workbook

warnings.simplefilter("ignore")
first, second = (Path(sys.argv[1]) / name for name in ("first.xlsx", "second.xlsx"))

def in_file(path):
    sheet = zipfile.ZipFile(path).read("xl/worksheets/sheet1.xml").decode()
    return re.search(r"<v>(.*?)</v>", sheet)[1]

book = Workbook()
book.active["A1"] = 2025550110
book.active["A1"].number_format = "yyyy-mm-dd"
book.save(first)
print("in the file:", in_file(first))
read = load_workbook(first)
cell = read.active["A1"]
streamed = load_workbook(first, read_only=True, data_only=True).active["A1"].value
print("read:", repr(cell.value), repr(cell.data_type), "read-only:", repr(streamed))
read.save(second)
print("after load and save, in the file:", in_file(second))
same = (in_file(first), cell.value, streamed, in_file(second)) == ("2025550110", "#VALUE!", "#VALUE!", "#VALUE!")
sys.exit(0 if same else 1)
PY
