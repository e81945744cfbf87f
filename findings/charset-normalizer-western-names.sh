#!/bin/sh
# charset-normalizer 3.5.2: a table of Spanish names in Windows-1252 is taken for Windows-1250, and ñ becomes ń.
#
# The best guess for 90 rows with José Núñez, María Peña and Ana Ruiz, saved as a spreadsheet saves "CSV", is cp1250:
# decoding with it raises nothing, and every ñ is a Polish ń. Polish names in Windows-1250 are taken for Windows-1252,
# the other way round (Łukasz Żak is £ukasz ¯ak); Mac Roman is found, under the name mac_iceland. With so few letters
# beyond ASCII there is no ground for a guess, and none of the answers says so.
#
# Seen on 2026-12-01, Python 3.11:
#   cp1252 -> cp1250: José Núńez
#   cp1250 -> cp1252: £ukasz ¯ak
#   mac_roman -> mac_iceland: José Núñez
# Ends with 1 once that is no longer so.
set -eu
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
python3 -m pip install --quiet --disable-pip-version-check --target "$folder" charset-normalizer==3.5.2
PYTHONPATH="$folder" python3 - <<'PY'
import sys
from charset_normalizer import from_bytes

HEAD = "number,given_name,family_name,birth_date,phone\n"
SPANISH, POLISH = ["José,Núñez", "María,Peña", "Ana,Ruiz"], ["Łukasz,Żak", "Paweł,Wójcik"]

def guess(names, encoding):
    rows = "".join(f"A-{at},{name},1965-04-02,+12025550110\n" for at, name in enumerate(names * 30))
    best = from_bytes((HEAD + rows).encode(encoding)).best()
    first = str(best).splitlines()[1].split(",")
    print(f"{encoding} -> {best.encoding}: {first[1]} {first[2]}")
    return best.encoding, first[2]

found = [guess(SPANISH, "cp1252"), guess(POLISH, "cp1250"), guess(SPANISH, "mac_roman")]
sys.exit(0 if found == [("cp1250", "Núńez"), ("cp1252", "¯ak"), ("mac_iceland", "Núñez")] else 1)
PY
