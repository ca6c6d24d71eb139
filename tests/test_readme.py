"""The README says what is so: its transcripts are run again, its links lead somewhere, its rules are complete."""

from __future__ import annotations

import re
import shlex
import shutil
from collections.abc import Iterator
from pathlib import Path

import pytest
from click.testing import CliRunner

from sqlcheck import rulebook
from sqlcheck.commands import main
from tests.warehouses import engines

ROOT = Path(__file__).parents[1]
README = ROOT / "README.md"
TRANSCRIPT = re.compile(r"(?<=^```console\n).*?(?=^```$)", re.MULTILINE | re.DOTALL)
CODE = re.compile(r"`[^`\n]*`")
LINK = re.compile(r"\[[^\]]*\]\(([^)#]+)(?:#[^)]*)?\)")
RULES = re.compile(r"(?<=^<!-- rules -->\n).*?(?=^<!-- end of rules -->$)", re.MULTILINE | re.DOTALL)
FAMILIES = {
    "query": "Can it be read, wrapped and run?",
    "load-timestamp": "Will changed rows be seen, once, and all of them?",
    "identity": "Whose row is it?",
    "attribute": "What will the profile get?",
    "payload": "Is what will be sent well-formed?",
    "live": "Do the rows agree?",
    "comment": "Do the query's own `-- sqlcheck:` comments say what they should?",
}


def replayed(transcript: str) -> str:
    """Run the commands of a transcript and give what a terminal would show; rows want the embedded warehouse."""
    shown = ""
    for line in transcript.splitlines():
        if line.startswith("$ "):
            program, *arguments = shlex.split(line[2:])
            assert program == "sqlcheck"
            if arguments[0] == "sample" and not engines.installed:
                return transcript
            shown += f"{line}\n{CliRunner().invoke(main, arguments, catch_exceptions=False).output}"
    return shown


def rules() -> Iterator[str]:
    """Write the list of rules: a paragraph a family, each rule a link to its page."""
    for family, question in FAMILIES.items():
        names = [name for name, path in rulebook.names().items() if Path(path).parent.name == family]
        links = " · ".join(f"[{name}](rules/{family}/{name}.md)" for name in names)
        yield f"**{family}**: {question}\n{links}\n"


def test_the_transcripts_show_what_the_commands_print(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, update: bool
) -> None:
    shutil.copytree(ROOT / "examples", tmp_path / "examples")
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("NO_COLOR", "1")
    text = README.read_text(encoding="utf-8")

    expected = TRANSCRIPT.sub(lambda found: replayed(found[0]), text)
    if update:
        README.write_text(expected, encoding="utf-8")

    assert expected == README.read_text(encoding="utf-8")


def test_every_family_of_rules_is_named() -> None:
    assert FAMILIES.keys() == {Path(path).parent.name for path in rulebook.names().values()}


def test_every_rule_is_linked(update: bool) -> None:
    text = README.read_text(encoding="utf-8")

    expected = RULES.sub("\n" + "\n".join(rules()) + "\n", text)
    if update:
        README.write_text(expected, encoding="utf-8")

    assert expected == README.read_text(encoding="utf-8")


def test_every_link_leads_to_a_file() -> None:
    def exists(link: str) -> bool:
        return (Path(rulebook.home()).parent / link if link.startswith("rules/") else ROOT / link).exists()

    prose = CODE.sub("", README.read_text(encoding="utf-8"))
    links = [link for link in LINK.findall(prose) if "://" not in link]
    assert [] == [link for link in links if not exists(link)]
