"""Write the versions that CI installs: the newest ones that pyproject.toml allows, found in fresh environments.

There are two sets, since fakesnow holds sqlglot and the connector back: `requirements.txt` has the embedded warehouse,
`newest.txt` all that it keeps away.
"""

from __future__ import annotations

import subprocess
import sys
import tempfile
import tomllib
from pathlib import Path

HERE = Path(__file__).parent
HEAD = "# What CI installs, at the versions that the suite was last run with; written by `make lock`.\n"
BUILD = ["editables"]  # what an editable install by hatchling wants beside hatchling itself


def main() -> None:
    """Resolve, freeze, write."""
    settings = tomllib.loads((HERE.parent / "pyproject.toml").read_text())
    project, groups = settings["project"], settings["dependency-groups"]
    extras = project["optional-dependencies"]
    common = [*project["dependencies"], *groups["dev"], *settings["build-system"]["requires"], *BUILD]
    lock("requirements.txt", [*common, *extras["embedded"], *groups["server"], *groups["hooks"]])
    lock("newest.txt", [*common, *extras["snowflake"]])


def lock(name: str, wanted: list[str]) -> None:
    """Write what a fresh environment with these requirements holds."""
    with tempfile.TemporaryDirectory() as folder:
        subprocess.run([sys.executable, "-m", "venv", folder], check=True)
        pip = [f"{folder}/bin/python", "-m", "pip", "--disable-pip-version-check"]
        subprocess.run([*pip, "install", "--quiet", *wanted], check=True)
        frozen = subprocess.run([*pip, "freeze"], check=True, capture_output=True, text=True).stdout
    (HERE / name).write_text(HEAD + frozen)


if __name__ == "__main__":
    main()
