"""Reconciliation: lost answers, missing receipts, a restored back-up, timeouts."""
