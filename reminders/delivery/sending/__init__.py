"""From due to sent: open, claim, send, record."""
