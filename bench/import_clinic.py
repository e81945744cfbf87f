"""One clinic, one import, timed: a process of its own, started by `bench.imports` in the tree of the build to measure.

It uses nothing that older builds lack. Prints one line of JSON: seconds and rows of each import, memory in MiB.
"""

import io
import json
import os
import resource
import sys
import time
from contextlib import suppress
from pathlib import Path
from typing import Any


def main() -> None:
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "clinic.settings")
    import django

    django.setup()
    from django.core.management import call_command

    call_command("migrate", verbosity=0)
    _open_clinic()
    found = {}
    for order in sys.argv[1:]:
        command, path, *options = order.split(" ")
        before = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
        found[f"{command} {Path(path).name}"] = _timed(command, path, *options) | {"before": before / 1024}
    print(json.dumps(found))


def _open_clinic() -> None:
    from tests import given

    site = given.a_site("riverside")
    surgeon = given.a_staff_member(site, "surgeon", username="ida")
    given.a_staff_member(site, "manager", username="mia")
    given.a_signed_version(site, by=surgeon)


def _timed(command: str, path: str, *options: str) -> dict[str, Any]:
    from django.core.management import call_command

    words = [word.replace("+", " ") for word in options]
    out = io.StringIO()
    start = time.perf_counter()
    with suppress(SystemExit):
        call_command(command, path, "--site", "riverside", "--by", "mia", *words, stdout=out, stderr=io.StringIO())
    seconds = time.perf_counter() - start
    said = next((line for line in out.getvalue().splitlines() if " rows: " in line), out.getvalue()[-200:])
    return {"seconds": seconds, "said": said, "peak": resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024}


if __name__ == "__main__":
    main()
