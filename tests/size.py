"""How much of the long tests is played: TESTS=build, what every build plays and the default, or TESTS=full."""

import os
from typing import TypeVar

import pytest

T = TypeVar("T")
SIZES = ("build", "full")
SIZE = os.environ.get("TESTS") or "build"

only_full = pytest.mark.skipif(SIZE != "full", reason="of full size only: make test-full")


def sized(*, build: T, full: T) -> T:
    """How many, how long: enough to notice what breaks, or as many as prove it."""
    return full if SIZE == "full" else build
