"""The fault run: the whole program as processes, broken in every way we know, and judged by the provider's ledger."""
