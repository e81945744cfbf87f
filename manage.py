#!/usr/bin/env python
"""The one command line of Aftercare: `python manage.py help`."""

import os
import sys
import time
from threading import Thread


def main() -> None:
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "clinic.settings")
    if "embedded" in sys.argv:
        Thread(target=print_until_loaded, daemon=True).start()
    from django.core.management import execute_from_command_line

    execute_from_command_line(sys.argv)


def print_until_loaded() -> None:
    """The first start after an installation compiles what it imports, which takes seconds."""
    while "clinic.management.commands.embedded" not in sys.modules:
        print("Loading Aftercare ...", file=sys.stderr, flush=True)
        time.sleep(3)


if __name__ == "__main__":
    main()
