"""A runner of composite actions: what GitHub's does with `run` steps, `if`, inputs and outputs, and no more."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import yaml

from tests.services.scratch import Scratch

EXPRESSION = re.compile(r"\$\{\{(.*?)\}\}", re.DOTALL)
TOKEN = re.compile(r"\s*(?:('(?:[^']|'')*')|(&&|\|\||[=!]=|[!(),])|([A-Za-z_][\w.-]*))\s*")
Values = Mapping[str, Any]
OPERATORS = {"&&": " and ", "||": " or ", "!": " not "}


@dataclass
class Job:
    """What the steps of an action have left behind."""

    code: int = 0
    out: str = ""
    err: str = ""
    summary: str = ""
    outputs: dict[str, dict[str, str]] = field(default_factory=dict)
    """Step → its outputs."""
    used: dict[str, dict[str, str]] = field(default_factory=dict)
    """The other actions that were called → their inputs."""


@dataclass(frozen=True)
class Runner:
    """A machine that runs an action; `given` are the outputs of other actions, `github` tells of the event."""

    action: Path
    temporary: Path
    given: Mapping[str, Mapping[str, str]]
    github: Mapping[str, str]

    def run(self, repository: Scratch, inputs: Mapping[str, str]) -> Job:
        """Run the steps in a repository, each if its condition holds."""
        definition = yaml.safe_load((self.action / "action.yml").read_text(encoding="utf-8"))
        job = Job()
        context: dict[str, Any] = {"github": self.github}
        known = {name: _filled(str(each["default"]), context, job) for name, each in definition["inputs"].items()}
        assert inputs.keys() <= known.keys()
        context["inputs"] = {**known, **inputs}
        for number, step in enumerate(definition["runs"]["steps"]):
            context["steps"] = {name: {"outputs": outputs} for name, outputs in job.outputs.items()}
            condition = EXPRESSION.fullmatch(step.get("if", "${{ success() }}"))
            assert condition is not None
            if _value(condition[1], context, job):
                name = step.get("id", str(number))
                job.outputs[name] = (self._use if "uses" in step else self._shell)(step, repository, context, job)
        return job

    def _use(self, step: Values, _repository: Scratch, context: Values, job: Job) -> dict[str, str]:
        """Note that another action is called, and give what it would."""
        job.used[step["uses"]] = {name: _filled(str(value), context, job) for name, value in step["with"].items()}
        return dict(self.given.get(step["uses"].partition("@")[0], {}))

    def _shell(self, step: Values, repository: Scratch, context: Values, job: Job) -> dict[str, str]:
        """Run the script of a step, with files of its own for outputs and the summary, and give its outputs."""
        assert step["shell"] == "bash"
        assert not EXPRESSION.search(step["run"]), "what is put into a script could be a script"
        script, output, summary = (self.temporary / name for name in ("script", "output", "summary"))
        for file, text in ((script, step["run"]), (output, ""), (summary, "")):
            file.write_text(text, encoding="utf-8")
        ran = repository.run(
            *("bash", "--noprofile", "--norc", "-eo", "pipefail", str(script)),
            **{name: _filled(value, context, job) for name, value in step.get("env", {}).items()},
            GITHUB_ACTIONS="true",
            GITHUB_ACTION_PATH=str(self.action),
            GITHUB_OUTPUT=str(output),
            GITHUB_STEP_SUMMARY=str(summary),
            GITHUB_WORKSPACE=str(repository.folder),
            RUNNER_TEMP=str(self.temporary),
        )
        job.code = job.code or ran.code
        job.out += ran.out
        job.err += ran.err
        job.summary += summary.read_text(encoding="utf-8")
        lines = output.read_text(encoding="utf-8").splitlines()
        return {name: value for name, _, value in (line.partition("=") for line in lines)}


def _filled(text: str, context: Values, job: Job) -> str:
    return EXPRESSION.sub(lambda found: str(_value(found[1], context, job)), text)


def _value(expression: str, context: Values, job: Job) -> object:
    """Evaluate an expression: `&&` and `||` give one of their operands, as in Python."""
    functions = {
        "success": lambda: job.code == 0,
        "cancelled": lambda: False,
        "format": lambda text, *values: text.format(*values),
    }
    code, at, text = "", 0, expression.strip()
    while at < len(text):
        found = TOKEN.match(text, at)
        assert found is not None, text
        literal, operator, name = found.groups()
        at = found.end()
        if name in functions:
            code += name
        elif name:
            code += repr(_looked_up(name, context))
        else:
            code += repr(literal[1:-1].replace("''", "'")) if literal else OPERATORS.get(operator, operator)
    return eval(code, {"__builtins__": {}}, functions)


def _looked_up(name: str, context: Values) -> object:
    value: Any = context
    for part in name.split("."):
        value = value.get(part, "") if isinstance(value, Mapping) else ""
    return value
