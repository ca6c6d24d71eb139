"""Write the versions that CI installs: the newest ones that pyproject.toml allows, found in a fresh environment."""

from __future__ import annotations

import subprocess
import sys
import tempfile
import tomllib
from pathlib import Path

HERE = Path(__file__).parent
HEAD = "# Everything that CI installs, at the versions that the suite was last run with; written by `make lock`.\n"
BUILD = ["editables"]  # what an editable install by hatchling wants beside hatchling itself


def main() -> None:
    """Resolve, freeze, write."""
    settings = tomllib.loads((HERE.parent / "pyproject.toml").read_text())
    wanted = [
        *settings["project"]["dependencies"],
        *settings["dependency-groups"]["dev"],
        *settings["build-system"]["requires"],
        *BUILD,
    ]
    with tempfile.TemporaryDirectory() as folder:
        subprocess.run([sys.executable, "-m", "venv", folder], check=True)
        pip = [f"{folder}/bin/python", "-m", "pip", "--disable-pip-version-check"]
        subprocess.run([*pip, "install", "--quiet", *wanted], check=True)
        frozen = subprocess.run([*pip, "freeze"], check=True, capture_output=True, text=True).stdout
    (HERE / "requirements.txt").write_text(HEAD + frozen)


if __name__ == "__main__":
    main()
