"""Published sets that are too large to keep here: used where they lie beside the repository, else the test says so."""

from pathlib import Path

import pytest

HERE = Path(__file__).parent / "data"
SHARED = Path(__file__).resolve().parents[3] / "shared" / "data"


def published(name: str) -> Path:
    folder = SHARED / name
    if not folder.is_dir():
        pytest.skip(f"the published set {name} is not beside this repository (../shared/data/{name})")
    return folder
