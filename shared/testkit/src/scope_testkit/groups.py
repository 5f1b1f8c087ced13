"""Findings put together by what causes them, so that one fault is read once however often it shows."""

from collections.abc import Iterable
from dataclasses import dataclass, field

from scope_testkit.findings import Finding


@dataclass
class Group:
    """Findings with one cause: those of the rule of the first, and those of other rules that come from the same line."""

    findings: list[Finding] = field(default_factory=list)

    @property
    def head(self) -> Finding:
        """The finding whose rule stands for the group."""
        return self.findings[0]

    @property
    def same(self) -> list[Finding]:
        """The findings of the head's rule."""
        return [f for f in self.findings if f.code == self.head.code]

    @property
    def consequences(self) -> dict[str, list[Finding]]:
        """The findings of other rules, by code."""
        others: dict[str, list[Finding]] = {}
        for finding in self.findings:
            if finding.code != self.head.code:
                others.setdefault(finding.code, []).append(finding)
        return others


def grouped(findings: Iterable[Finding]) -> list[Group]:
    """Errors first, then warnings, then what is allowed; in each by code.

    Findings that come from one line of the plugin are one group, and so are all those of one rule that name no line
    that raised. A fault of a base class shows in every variant of a pipeline, and is one.
    """
    groups: dict[tuple[str | None, ...], Group] = {}
    for finding in sorted(findings, key=lambda f: (f.allowed is not None, f.severity == "warning", f.code)):
        key = (finding.cause or finding.code, finding.allowed)
        groups.setdefault(key, Group()).findings.append(finding)
    return list(groups.values())


def variants(findings: Iterable[Finding]) -> dict[tuple[str, str], list[str]]:
    """Pipeline ids by message and place: what is said of several pipelines in the same words is one line."""
    lines: dict[tuple[str, str], list[str]] = {}
    for finding in findings:
        ids = lines.setdefault((finding.message, str(finding.place)), [])
        if finding.pipeline and finding.pipeline not in ids:
            ids.append(finding.pipeline)
    return lines
