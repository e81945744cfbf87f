"""Safeguards: breakers, the freeze, rate limits, blocked ranges, the clock check, the restore mark."""
