"""E-mail addresses in one spelling."""


def spelt(address: str) -> str:
    """Lower case: `Ana@Example.org` and `ana@example.org` are one mailbox, with one consent.

    RFC 5321 lets a server tell them apart; none that a patient uses does.
    """
    return address.strip().lower()
