"""Asking what became of messages: lost answers, silent carriers, a restored back-up, time itself."""
