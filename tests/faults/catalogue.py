"""Every case there is. Outages have stages of their own: what a crash left unsettled must not meet one."""

from collections.abc import Callable, Iterator, Sequence

from tests.faults import announced, crash, merging, outages, restores, stalls, stops, upstream
from tests.faults.cases import FaultCase

KINDS = [  # and how many at a time, on one stage: it has people enough for all of them, and for second tries
    ([crash.cases, announced.cases, merging.cases], 7),
    ([outages.cases, stalls.cases, upstream.cases, stops.cases], 2),
    ([restores.cases], 2),
]


def stages(wanted: Callable[[FaultCase], bool]) -> Iterator[Sequence[FaultCase]]:
    """Those that are wanted, as many as fit on one stage."""
    for kind, at_a_time in KINDS[::-1]:
        some = [case for cases in kind for case in cases() if wanted(case)]
        yield from (some[first : first + at_a_time] for first in range(0, len(some), at_a_time))
