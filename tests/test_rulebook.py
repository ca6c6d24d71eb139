"""Rule pages, from text to values."""

from __future__ import annotations

from pathlib import Path

import pytest

from sqlcheck import rulebook
from sqlcheck.errors import SqlcheckError
from sqlcheck.model import Block, Example, Rule, Severity

PAGE = """\
---
severity: warning
since: 0.1.0
source: https://example.com/a
fix: safe
evidence: static
---
# some-rule

A thing is
wrong.

## Why

```sql
not an example
```

## Bad

```sql
bad 1
```

```text
report 1
```

Words between.

```yaml
models: []
```

```sql query.sql
SELECT 1
```

```text
```

## Good

```sql
good 1
```
```json
{}
```

## Fixed

```sql
fixed 1
```
"""


def write(folder: Path, page: str, name: str = "some-rule") -> str:
    path = folder / "query" / f"{name}.md"
    path.parent.mkdir()
    path.write_text(page)
    return str(path)


def test_a_page_becomes_a_rule(tmp_path: Path) -> None:
    path = write(tmp_path, PAGE)
    assert Rule(
        name="some-rule",
        family="query",
        severity=Severity.WARNING,
        since="0.1.0",
        summary="A thing is wrong.",
        text=PAGE[PAGE.index("# some-rule") :],
        path=path,
        line=8,
        source="https://example.com/a",
        fix="safe",
        evidence="static",
    ) == rulebook.read(path)


def test_the_blocks_of_a_page_become_examples_with_their_lines(tmp_path: Path) -> None:
    report = Block("text", "", "report 1\n", 26)
    yaml, sql = Block("yaml", "sqlcheck.yaml", "models: []\n", 32), Block("sql", "query.sql", "SELECT 1\n", 36)
    assert (
        Example("bad", (Block("sql", "query.sql", "bad 1\n", 22),), report),
        Example("bad", (yaml, sql), Block("text", "", "", 40)),
        Example("good", (Block("sql", "query.sql", "good 1\n", 45),)),
        Example("good", (Block("json", "payload.json", "{}\n", 48),)),
        Example("fixed", (Block("sql", "query.sql", "fixed 1\n", 54),)),
    ) == rulebook.examples(rulebook.read(write(tmp_path, PAGE)))


@pytest.mark.parametrize(
    ("old", "new", "message"),
    [
        ("---\nsev", "sev", "1: the page does not begin with front matter between two `---` lines"),
        (
            "since",
            "sinc",
            "3: `sinc` is no field, or stands there twice; severity, since, source, fix, evidence are wanted",
        ),
        ("since: 0.1.0", "since:", "3: `since` has no value"),
        ("since: 0.1.0\n", "", "6: the front matter lacks `since`"),
        ("warning", "fatal", "2: `severity` is one of info, warning, error"),
        ("fix: safe", "fix: yes", "5: `fix` is one of safe, unsafe, none"),
        ("evidence: static", "evidence: none", "6: `evidence` is one of static, schema, live"),
        ("# some-rule", "# other-rule", "8: the heading is not `# some-rule`"),
        ("A thing is\nwrong.\n\n", "", "9: the page has no summary below its heading"),
    ],
)
def test_a_broken_page_stops_the_run_with_file_and_line(tmp_path: Path, old: str, new: str, message: str) -> None:
    path = write(tmp_path, PAGE.replace(old, new, 1))
    with pytest.raises(SqlcheckError) as caught:
        rulebook.read(path)
    assert f"{path}:{message}" == str(caught.value)


@pytest.mark.parametrize(
    ("old", "new", "message"),
    [
        ("```text\nreport 1\n```\n", "", "21: a bad example wants a `text` block with its report behind it"),
        ("```sql\ngood 1", "```text\ngood 1", "44: a `text` block is the report of a bad example before it"),
        ("```sql\ngood 1", "```\ngood 1", "44: the examples are `sql`, `yaml`, `json` or `csv`, not ``"),
        ("fixed 1\n```\n", "fixed 1\n", "53: the block is never closed"),
    ],
)
def test_broken_examples_stop_the_run_with_file_and_line(tmp_path: Path, old: str, new: str, message: str) -> None:
    path = write(tmp_path, PAGE.replace(old, new, 1))
    with pytest.raises(SqlcheckError) as caught:
        rulebook.examples(rulebook.read(path))
    assert f"{path}:{message}" == str(caught.value)


def test_a_name_finds_its_page_and_a_wrong_one_a_guess() -> None:
    assert ("unused-ignore", "comment") == (rulebook.rule("unused-ignore").name, rulebook.rule("unused-ignore").family)
    for name, advice in (
        ("unusedignore", "did you mean `unused-ignore`?"),
        ("../x", "`sqlcheck rules` lists them all"),
    ):
        with pytest.raises(SqlcheckError) as caught:
            rulebook.rule(name)
        assert f"there is no rule `{name}`; {advice}" == str(caught.value)


def test_rules_are_chosen_by_name_or_family() -> None:
    comment = ["bad-directive", "stale-baseline", "unknown-ignore", "unused-ignore"]
    chosen = [rulebook.select(words) for words in (("comment",), ("unused-ignore",), ())]
    assert [comment, ["unused-ignore"], []] == [sorted(names) for names in chosen]
    with pytest.raises(SqlcheckError, match=r"\Athere is no rule or family `coment`; did you mean `comment`\?\Z"):
        rulebook.select(("coment",))
