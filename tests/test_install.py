"""install.py: uv from the hashed lock, told of pip's settings on this machine, and pip where there is no uv."""

from pathlib import Path

import pytest

import install

PYTHON = "/venv/bin/python"
LISTED = """\
:env:.cert='/etc/ca.pem'
global.cert='/other.pem'
global.extra-index-url='https://one.example/simple\\nhttps://two.example/simple'
global.index-url='https://general.example/simple'
install.index-url='https://mirror.example/simple'
list.format='columns'
"""


@pytest.fixture
def commands(monkeypatch):
    """What would be run; a command with one of `failing`'s words in it fails."""
    made = Commands()
    monkeypatch.setattr(install, "run", made.run)
    monkeypatch.setattr(install, "works", lambda *command: command[0] in made.there)
    monkeypatch.setattr(install.shutil, "which", lambda name: made.on_path)
    monkeypatch.setattr(install, "pip_settings", dict)
    monkeypatch.setattr(install, "is_terminal", lambda: False)
    monkeypatch.setattr(install.metadata, "version", lambda name: made.pip)
    return made


class Commands:
    def __init__(self):
        self.ran, self.there, self.failing = [], {PYTHON}, ()
        self.on_path, self.pip = None, "24.0"

    def run(self, command, variables=None):
        self.ran.append(" ".join(command))
        worked = not any(word in self.ran[-1] for word in self.failing)
        if worked and "requirements-uv.txt" in self.ran[-1]:
            self.there.add("/venv/bin/uv")
        return worked


def test_uv_comes_by_pip_and_installs_the_lock_by_its_hashes(commands):
    assert install.install_with_uv(PYTHON, "requirements.txt")

    bootstrap, installed = commands.ran
    assert bootstrap.startswith(f"{install.sys.executable} -m pip --python {PYTHON} install")
    assert bootstrap.endswith("--require-hashes -r " + str(install.UV_LOCK))
    assert installed == f"/venv/bin/uv pip install --quiet --python {PYTHON} --require-hashes -r requirements.txt"


def test_the_uv_on_path_is_taken_without_fetching_one(commands):
    commands.on_path = "/usr/bin/uv"
    commands.there.add("/usr/bin/uv")

    assert install.install_with_uv(PYTHON, "requirements.txt")

    [installed] = commands.ran
    assert installed.startswith("/usr/bin/uv pip install")


@pytest.mark.parametrize("failing", ["requirements-uv.txt", "uv pip"])
def test_pip_takes_over_where_uv_cannot_be_had_or_fails(commands, failing, tmp_path):
    commands.failing = (failing,)
    commands.there.add(str(tmp_path / "bin" / "python"))

    assert install.main(str(tmp_path), "requirements.txt") == 0

    assert commands.ran[-1].startswith(f"{install.sys.executable} -m pip --python {tmp_path}/bin/python install")
    assert commands.ran[-1].endswith("--require-hashes -r requirements.txt")


def test_where_both_fail_make_is_told(commands, tmp_path):
    commands.failing = ("install",)
    commands.there.add(str(tmp_path / "bin" / "python"))

    assert install.main(str(tmp_path), "requirements.txt") == 1


def test_an_old_pip_is_not_asked_to_work_in_another_environment(commands):
    commands.pip = "20.3"

    install.install_with_pip(PYTHON, "requirements.txt")

    assert commands.ran[0].startswith(f"{PYTHON} -m pip install")


def test_pips_settings_are_read_with_the_more_special_one_winning():
    settings = install.parsed(LISTED)

    assert install.uv_variables(settings) == {
        "UV_DEFAULT_INDEX": "https://mirror.example/simple",
        "UV_INDEX": "https://one.example/simple https://two.example/simple",
        "SSL_CERT_FILE": "/etc/ca.pem",
    }


def test_no_index_is_named_where_pip_has_none():
    assert install.uv_variables(install.parsed("")) == {}


def test_an_environment_is_made_without_a_pip_of_its_own(tmp_path):
    python = install.make_environment(tmp_path / "venv")

    assert install.works(python, "--version")
    assert not install.works(python, "-m", "pip", "--version")


def test_a_long_command_is_not_silent(monkeypatch, capsys):
    monkeypatch.setattr(install, "PROGRESS_EVERY", 0.01)
    monkeypatch.setattr(install, "is_terminal", lambda: False)

    assert install.run([install.sys.executable, "-c", "import time; time.sleep(0.2)"])

    assert "  ... 0 s" in capsys.readouterr().err


def test_the_makefile_installs_from_locks_with_hashes_only():
    """And names no index: that is for the machine's own settings."""
    root = Path(install.__file__).parent

    for lock in ("requirements.txt", "requirements-dev.txt", "requirements-uv.txt"):
        text = (root / lock).read_text()
        assert text.count("--hash=sha256:") >= text.count("==")
        assert "://" not in text
        assert f"$(INSTALL) {lock}" in (root / "Makefile").read_text() or lock == "requirements-uv.txt"
