"""`sqlcheck rules`: list every rule."""

from __future__ import annotations

import json

import click

from sqlcheck import rulebook
from sqlcheck.commands._terminal import say, table


@click.command("rules")
@click.option("--format", "form", type=click.Choice(["text", "json"]), default="text", help="How to print the list.")
def command(form: str) -> None:
    """List every rule with its severity, its fix and one sentence."""
    rules = rulebook.rules().values()
    if form == "json":
        fields = [
            {
                "name": rule.name,
                "family": rule.family,
                "severity": rule.severity.label,
                "fix": rule.fix,
                "evidence": rule.evidence,
                "since": rule.since,
                "summary": rule.summary,
                "source": rule.source,
            }
            for rule in rules
        ]
        say(json.dumps({"version": 1, "rules": fields}, indent=2) + "\n")
        return
    say(
        table(
            ["rule", "family", "severity", "fix", "summary"],
            [
                (rule.name, rule.family, rule.severity.label, "" if rule.fix == "none" else rule.fix, rule.summary)
                for rule in rules
            ],
            folding=("summary",),
        )
    )
