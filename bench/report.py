"""The table a person reads, and whether the provider's count and ours agree."""

import sys
from collections.abc import Mapping

from bench.lanes import Round

HEAD = ["", "sent", "recorded", "per second", "of the limit", "late p50", "late p99", "CPU each"]
LIMIT = "raw aiohttp"


def table(results: Mapping[str, Round], *, latency: float) -> str:
    limits = [one.rate for name, one in results.items() if name.startswith(LIMIT) and "processes" not in name]
    limit = max(limits, default=0.0)
    rows = [HEAD, *(_row(name, one, limit) for name, one in results.items())]
    widths = [max(len(row[column]) for row in rows) for column in range(len(HEAD))]
    lines = ["  ".join([row[0].ljust(widths[0]), *map(str.rjust, row[1:], widths[1:])]) for row in rows]
    notes = [
        f"The provider answers after {latency * 1000:.0f} ms, in a process of its own on this machine. The limit is",
        "the better single-process aiohttp lane. Late: accepted by the provider so long after it was due.",
        "CPU: of the sending processes alone, without PostgreSQL, Redis and the provider.",
    ]
    return "\n".join([*lines, "", *notes])


def _row(name: str, one: Round, limit: float) -> list[str]:
    return [
        name,
        f"{one.sent:,}",
        "-" if one.recorded is None else f"{one.recorded:,}",
        f"{one.rate:,.0f}",
        f"{one.rate / limit:.0%}" if limit else "-",
        f"{one.p50_late:.2f} s",
        f"{one.p99_late:.2f} s",
        f"{one.cpu / max(one.sent, 1) * 1000:.2f} ms",
    ]


def verdict(results: Mapping[str, Round]) -> int:
    """1 when a table says another number than the provider's ledger."""
    wrong = [name for name, one in results.items() if one.recorded not in (None, one.sent)]
    for name in wrong:
        print(f"{name}: the provider accepted {results[name].sent}, recorded {results[name].recorded}", file=sys.stderr)
    return 1 if wrong else 0
