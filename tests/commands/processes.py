"""Runs of sqlcheck in one process with a home of its own: what they print, and every file that they leave."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from sqlcheck.store import VARIABLE
from tests.commands.conftest import Outcome
from tests.commands.test_main import environment

CODE = """
import json, sys
from click.testing import CliRunner
from sqlcheck.commands import main

arguments = json.load(sys.stdin)
done = [CliRunner().invoke(main, each, prog_name="sqlcheck") for each in arguments]
for each in done:
    if each.exception is not None and not isinstance(each.exception, SystemExit):
        raise each.exception
print(json.dumps([[each.exit_code, each.stdout_bytes.decode(), each.stderr_bytes.decode()] for each in done]))
"""


@dataclass(frozen=True)
class Place:
    """A folder to run in, and beside it a home, a cache and a folder for temporary files that nobody else uses."""

    folder: Path

    @classmethod
    def within(cls, folder: Path, texts: Mapping[str, str]) -> Place:
        """Make one with some files in its folder."""
        place = cls(folder)
        for path in (place.here, place.home, place.temporary):
            path.mkdir()
        for name, text in texts.items():
            (place.here / name).parent.mkdir(parents=True, exist_ok=True)
            (place.here / name).write_text(text, encoding="utf-8")
        return place

    @property
    def here(self) -> Path:
        return self.folder / "here"

    @property
    def home(self) -> Path:
        return self.folder / "home"

    @property
    def temporary(self) -> Path:
        return self.folder / "temporary"

    def connections(self, **profiles: Mapping[str, object]) -> None:
        """Write profiles of Snowflake's connector."""
        lines = [
            line
            for name, fields in profiles.items()
            for line in (f"[{name}]", *(f"{key} = {value!r}" for key, value in fields.items()))
        ]
        (self.home / "connections.toml").write_text("\n".join(lines))
        (self.home / "connections.toml").chmod(0o600)

    def environment(self, **added: str) -> dict[str, str]:
        """Give the variables of a process that leaves all folders but these alone, and calls nobody beyond loopback."""
        home, temporary = str(self.home), str(self.temporary)
        nowhere = "http://127.0.0.1:1"
        own = dict.fromkeys(("HOME", "SNOWFLAKE_HOME", "XDG_CACHE_HOME", "XDG_CONFIG_HOME"), home)
        own |= dict.fromkeys(("TMPDIR", "TEMP", "TMP"), temporary)
        own |= {VARIABLE: str(self.folder / "cache")}
        own |= dict.fromkeys(("HTTPS_PROXY", "https_proxy"), nowhere)
        return environment(**{**own, **added})

    def run(self, *commands: Sequence[str], **added: str) -> list[Outcome]:
        """Run commands one behind the other; nothing is printed but what they print themselves."""
        done = subprocess.run(
            [sys.executable, "-c", CODE],
            cwd=self.here,
            env=self.environment(**added),
            input=json.dumps(commands),
            capture_output=True,
            text=True,
            encoding="utf-8",
            timeout=120,
            check=False,
        )
        assert (0, "") == (done.returncode, done.stderr), done.stderr
        return [Outcome(*each) for each in json.loads(done.stdout)]

    def written(self) -> dict[str, bytes]:
        """Give all files there are, by their path."""
        return {
            os.path.relpath(os.path.join(root, name), self.folder): Path(root, name).read_bytes()
            for root, _, names in os.walk(self.folder)
            for name in names
        }
