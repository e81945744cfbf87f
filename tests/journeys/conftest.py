import pytest


@pytest.fixture(autouse=True)
def demo(settings, tmp_path):
    """Time can be moved in a demo only."""
    settings.DEMO, settings.VAR_DIR = True, tmp_path
