"""A repository of somebody who uses sqlcheck, and the README's snippets that set it up there."""

from __future__ import annotations

import os
import re
import subprocess
import sys
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import yaml

from sqlcheck import __version__

ROOT = Path(__file__).parents[2]
ADDRESS = "https://github.com/mparticle/sqlcheck"
TAG = f"v{__version__}"
SNIPPET = re.compile(r"^```yaml\n# (\S+)\n(.*?)^```$", re.MULTILINE | re.DOTALL)

QUERY = """\
SELECT u.updated_at, u.id AS customer_id, u.plan AS "plan"
FROM MP.CRM.USERS u
"""
MISSPELT = {"queries/plans.sql": QUERY.replace("u.plan", "u.plam")}
RENAMED = {"queries/plans.sql": QUERY.replace('"plan"', '"tier"')}
ENDED = {"queries/plans.sql": RENAMED["queries/plans.sql"].replace("USERS u", "USERS u;")}
FILES = {
    "sqlcheck.yaml": """\
workspace_id: 5328
schema: [schema/*.sql]
models:
  - id: plans-model
    name: Plans
    query: queries/plans.sql
    load_timestamp: {field: UPDATED_AT, type: timestamp_ntz, time_zone: UTC}
    identities: [customer_id]
""",
    "schema/crm.sql": "CREATE TABLE MP.CRM.USERS (id TEXT NOT NULL, plan TEXT, updated_at TIMESTAMP_NTZ NOT NULL);\n",
    "queries/plans.sql": QUERY,
}
"""A project with nothing to report but that its payload is missing."""


@dataclass(frozen=True)
class Ran:
    """How a program ended, and what it printed."""

    code: int
    out: str
    err: str


@dataclass(frozen=True)
class Scratch:
    """A folder that is a repository of git, and the variables that programs in it see."""

    folder: Path
    env: Mapping[str, str] = field(default_factory=dict)

    def run(self, *command: str, **variables: str) -> Ran:
        """Run a program in the folder."""
        env = {**self.env, **variables}
        done = subprocess.run(command, cwd=self.folder, env=env, capture_output=True, text=True, check=False)
        return Ran(done.returncode, done.stdout, done.stderr)

    def sqlcheck(self, *arguments: str) -> Ran:
        """Run the sqlcheck that is tested, as the user would by hand."""
        return self.run(sys.executable, "-m", "sqlcheck", *arguments, PYTHONPATH=str(ROOT))

    def git(self, *arguments: str) -> str:
        """Run git, which must succeed, and give what it prints."""
        ran = self.run("git", *arguments)
        assert ran.code == 0, ran.err
        return ran.out

    def write(self, files: Mapping[str, str]) -> None:
        """Write files."""
        for path, text in files.items():
            target = self.folder / path
            target.parent.mkdir(parents=True, exist_ok=True)
            target.write_text(text, encoding="utf-8")

    def commit(self, files: Mapping[str, str]) -> Ran:
        """Write files, and try to commit all there is."""
        self.write(files)
        self.git("add", "--all")
        return self.run("git", "commit", "--quiet", "--message", "A change")


def environment(checkout: Path) -> dict[str, str]:
    """Give the variables of a developer's shell, for whom our address leads to a checkout, and no CI service's."""
    settings = {f"url.{checkout}.insteadOf": ADDRESS, "user.name": "Ada", "user.email": "ada@example.com",
                "init.defaultBranch": "main"}  # fmt: skip
    numbered = dict(enumerate(settings.items()))
    env = {name: value for name, value in os.environ.items() if not name.startswith(("GIT", "CI_", "RUNNER_"))}
    env |= {f"GIT_CONFIG_KEY_{number}": key for number, (key, _) in numbered.items()}
    env |= {f"GIT_CONFIG_VALUE_{number}": value for number, (_, value) in numbered.items()}
    return {**env, "GIT_CONFIG_COUNT": str(len(settings)), "NO_COLOR": "1"}


def snippet(path: str) -> Any:
    """Give the file that the README shows under a name."""
    return yaml.safe_load(written(path))


def written(path: str) -> str:
    """Give the text of the file that the README shows under a name."""
    shown: dict[str, str] = dict(SNIPPET.findall((ROOT / "README.md").read_text(encoding="utf-8")))
    return shown[path]
