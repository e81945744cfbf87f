from tests.delivery.sending import live, site, surgeon

__all__ = ["live", "site", "surgeon"]
