"""This checkout as others see it, and a repository that uses it."""

from __future__ import annotations

import shutil
from pathlib import Path

import pytest

from tests.services.scratch import FILES, ROOT, TAG, Scratch, environment


@pytest.fixture(scope="session")
def checkout(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Give a repository with this working tree as a tagged release."""
    folder = tmp_path_factory.mktemp("release")
    release = Scratch(folder, environment(folder))
    here = Scratch(ROOT, release.env)
    for path in here.git("ls-files", "-z", "--cached", "--others", "--exclude-standard").split("\0"):
        if path and (ROOT / path).is_file():
            (folder / path).parent.mkdir(parents=True, exist_ok=True)
            shutil.copyfile(ROOT / path, folder / path)
    release.git("init", "--quiet")
    assert release.commit({}).code == 0
    release.git("tag", TAG)
    return folder


@pytest.fixture
def scratch(checkout: Path, tmp_path: Path) -> Scratch:
    """Give a repository with a project in it that is committed and clean."""
    made = Scratch(tmp_path / "repository", environment(checkout))
    made.folder.mkdir()
    made.git("init", "--quiet")
    assert made.commit(FILES).code == 0
    return made
