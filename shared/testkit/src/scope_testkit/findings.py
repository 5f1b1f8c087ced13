"""What the kit reports: findings, each of a rule that says why it matters in a host and how to fix it."""

import functools
import tomllib
from dataclasses import asdict, dataclass
from importlib import resources
from typing import Any, Literal

Severity = Literal["error", "warning"]


@dataclass(frozen=True)
class Rule:
    """One thing that goes wrong in a host. `code` names it for good."""

    code: str
    severity: Severity
    title: str
    why: str
    fix: str


@dataclass(frozen=True)
class Place:
    """Where to look: a file relative to the package's parent folder, a line, a field of the config class."""

    file: str | None = None
    line: int | None = None
    field: str | None = None

    def __str__(self) -> str:
        spot = f"{self.file}:{self.line}" if self.file and self.line else self.file or ""
        return " ".join(part for part in (spot, f"field {self.field}" if self.field else "") if part)


@dataclass(frozen=True)
class Finding:
    """A rule broken at a place: `message` says what was expected and what came.

    `cause` is the line of the plugin that raised, such as `scope_ink/pipeline.py:37`; findings that share it have one
    cause, whatever their rules.
    """

    code: str
    message: str
    place: Place = Place()
    pipeline: str | None = None
    cause: str | None = None
    allowed: str | None = None

    @property
    def rule(self) -> Rule:
        return rules()[self.code]

    @property
    def severity(self) -> Severity:
        return self.rule.severity

    def to_json(self) -> dict[str, Any]:
        """Everything a reader needs, the rule's text included."""
        return (
            asdict(self.rule)
            | {"message": self.message, "pipeline": self.pipeline, "cause": self.cause, "allowed": self.allowed}
            | {"place": asdict(self.place)}
        )

    @classmethod
    def from_json(cls, data: dict[str, Any]) -> "Finding":
        return cls(
            data["code"], data["message"], Place(**data["place"]), data["pipeline"], data["cause"], data["allowed"]
        )


@functools.cache
def rules() -> dict[str, Rule]:
    """Every rule of the kit by its code."""
    text = resources.files("scope_testkit").joinpath("rules.toml").read_text(encoding="utf-8")
    return {code: Rule(code=code, **body) for code, body in tomllib.loads(text).items()}
