"""The fault run: the whole program as processes, broken in every way we know, and judged by the provider's ledger."""

PARTS = 5  # all faults of the random runs are shared out among so many seeds that follow one another
