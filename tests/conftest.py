"""What all tests share: the time, and `--update`, which writes the reports of the rule pages anew."""

from __future__ import annotations

from itertools import count
from pathlib import Path

import pytest
from hypothesis import HealthCheck, settings

from sqlcheck import rulebook, store
from tests.pages import rewrite

_NUMBERS = count()

# The same examples on every machine, however slow: a red run then has a cause in the change.
settings.register_profile("steady", derandomize=True, deadline=None, suppress_health_check=[HealthCheck.too_slow])
settings.load_profile("steady")


def pytest_addoption(parser: pytest.Parser) -> None:
    parser.addoption("--update", action="store_true", help="write what is printed into the expectations")
    parser.addoption("--only", default="", help="with --update: the family or rule whose pages are written")


def pytest_sessionstart(session: pytest.Session) -> None:
    if session.config.getoption("--update"):
        only = session.config.getoption("--only")
        for path in map(Path, rulebook.names().values()):
            if only in ("", path.stem, path.parent.name):
                rewrite(path)
        rulebook.rules.cache_clear()
        rulebook.rule.cache_clear()


@pytest.fixture(autouse=True)
def own_cache(monkeypatch: pytest.MonkeyPatch, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Give a cache folder, not yet there, that no other test has seen."""
    folder = tmp_path_factory.getbasetemp() / f"cache-{next(_NUMBERS)}"
    monkeypatch.setenv(store.VARIABLE, str(folder))
    return folder


@pytest.fixture(autouse=True)
def no_service(monkeypatch: pytest.MonkeyPatch) -> None:
    """Run as on a developer's machine: the tests set what a CI service tells where they are about it."""
    for name in ("GITHUB_ACTIONS", "GITLAB_CI"):
        monkeypatch.delenv(name, raising=False)


@pytest.fixture(scope="session")
def update(pytestconfig: pytest.Config) -> bool:
    """Tell whether expectations are to be written anew."""
    return bool(pytestconfig.getoption("--update"))
