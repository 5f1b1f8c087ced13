"""A report as a person reads it, and as a program does."""

from collections.abc import Iterable
from typing import Any

from scope_testkit.findings import Finding
from scope_testkit.sandbox import Report


def errors(report: Report) -> list[Finding]:
    """The findings that make the command fail: errors without an allowance."""
    return [f for f in report.findings if f.severity == "error" and f.allowed is None]


def to_json(report: Report) -> dict[str, Any]:
    """Everything, ready for `json.dumps`."""
    return {
        "plugin": report.plugin,
        "ok": not errors(report),
        "findings": [finding.to_json() for finding in report.findings],
        "skipped": report.skipped,
        "pipelines": report.pipelines,
        "panels": report.panels,
        "speed": report.speed,
    }


def to_text(report: Report) -> str:
    """The report as plain text, findings first, errors before warnings."""
    order = sorted(report.findings, key=lambda f: (f.allowed is not None, f.severity == "warning", f.code))
    parts = [f"{report.plugin}: {_verdict(report)}", *(_finding(finding) for finding in order)]
    parts += [f"not examined: {skip['what']} ({skip['why']})" for skip in report.skipped]
    parts += report.panels
    parts += [_table(report.speed)] if report.speed else []
    return "\n\n".join(parts) + "\n"


def _verdict(report: Report) -> str:
    open_findings = [f for f in report.findings if f.allowed is None]
    wrong = sum(f.severity == "error" for f in open_findings)
    doubtful = len(open_findings) - wrong
    words = [_count(wrong, "error"), _count(doubtful, "warning")]
    allowed = len(report.findings) - len(open_findings)
    words += [f"{allowed} allowed"] if allowed else []
    checks = len([step for step in report.steps if not step.endswith(": panel")])
    return f"{', '.join(words)} in {_count(checks, 'check')} of {_count(len(report.pipelines), 'pipeline')}"


def _count(number: int, word: str) -> str:
    return f"{number or 'no'} {word}{'' if number == 1 else 's'}"


def _finding(finding: Finding) -> str:
    rule = finding.rule
    word = "allowed" if finding.allowed else rule.severity
    where = "  ".join(part for part in (finding.pipeline, str(finding.place)) if part)
    lines = [f"{rule.code} {word}: {rule.title}" + (f"  [{where}]" if where else ""), f"    {finding.message}"]
    if finding.allowed:
        return "\n".join([*lines, f"    allowed: {finding.allowed}"])
    return "\n".join([*lines, f"    why:  {rule.why}", f"    mend: {rule.mend}"])


def _table(rows: Iterable[dict[str, Any]]) -> str:
    head = ("pipeline", "mode", "size", "first call", "ms/frame", "allocations/frame", "MiB/frame", "syncs/frame")
    body = [
        (
            *(row[key] for key in ("pipeline", "mode", "size")),
            f"{row['first_ms']:.0f} ms",
            f"{row['ms']:.1f}",
            f"{row['allocations']:.0f}",
            f"{row['mebibytes']:.1f}",
            "-" if row["syncs"] is None else f"{row['syncs']:.1f}",
        )
        for row in rows
    ]
    widths = [max(len(line[i]) for line in (head, *body)) for i in range(len(head))]
    return "\n".join(
        "  ".join(cell.ljust(w) for cell, w in zip(line, widths, strict=True)).rstrip() for line in (head, *body)
    )
