"""A report as a person reads it, and as a program does."""

from collections.abc import Iterable
from typing import Any

from scope_testkit.findings import Finding
from scope_testkit.groups import Group, grouped, variants
from scope_testkit.sandbox import Report

# Lines of one group; the rest is in the JSON.
MOST_SHOWN = 8


def errors(report: Report) -> list[Finding]:
    """The findings that make the command fail: errors without an allowance."""
    return [f for f in report.findings if f.severity == "error" and f.allowed is None]


def unexamined(report: Report) -> str | None:
    """A sentence that says why no pipeline was looked at; None if one was."""
    if report.pipelines:
        return None
    reasons = [f.message for f in report.findings] + [f"{skip['what']} is {skip['why']}" for skip in report.skipped]
    return f"{report.plugin}: no pipeline could be examined: {reasons[0] if reasons else 'it registers none'}"


def to_json(report: Report) -> dict[str, Any]:
    """Everything, ready for `json.dumps`."""
    return {
        "plugin": report.plugin,
        "ok": not errors(report),
        "examined": bool(report.pipelines),
        "causes": len(grouped(report.findings)),
        "findings": [finding.to_json() for finding in report.findings],
        "skipped": report.skipped,
        "pipelines": report.pipelines,
        "panels": report.panels,
        "speed": report.speed,
    }


def to_text(report: Report) -> str:
    """The report as plain text: findings by cause, errors before warnings, then what was not examined and the panels."""
    parts = [f"{report.plugin}: {_verdict(report)}", *(_group(group) for group in grouped(report.findings))]
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
    causes = len(grouped(open_findings))
    source = f" from {_count(causes, 'cause')}" if causes < len(open_findings) else ""
    checks = len([step for step in report.steps if not step.endswith(": panel")])
    return f"{', '.join(words)}{source} in {_count(checks, 'check')} of {_count(len(report.pipelines), 'pipeline')}"


def _count(number: int, word: str) -> str:
    return f"{number or 'no'} {word}{'' if number == 1 else 's'}"


def _group(group: Group) -> str:
    rule, allowed = group.head.rule, group.head.allowed
    word = "allowed" if allowed else rule.severity
    told = variants(group.same)
    head = f"{rule.code} {word}: {rule.title}"
    if len(told) == 1:
        ((message, place), ids), *_ = told.items()
        lines = [head + _where(ids, place), f"    {message}"]
    else:
        shown = [f"    {message}{_where(ids, place)}" for (message, place), ids in told.items()]
        more = [f"    … and {len(shown) - MOST_SHOWN} more"] if len(shown) > MOST_SHOWN else []
        lines = [head, *shown[:MOST_SHOWN], *more]
    lines += [f"    same cause: {_consequence(found)}" for found in group.consequences.values()]
    if allowed:
        return "\n".join([*lines, f"    allowed: {allowed}"])
    return "\n".join([*lines, f"    why:  {rule.why}", f"    fix:  {rule.fix}"])


def _where(ids: list[str], place: str) -> str:
    where = "  ".join(part for part in (", ".join(ids), place) if part)
    return f"  [{where}]" if where else ""


def _consequence(findings: list[Finding]) -> str:
    fields = list(dict.fromkeys(f.place.field for f in findings if f.place.field))
    names = f" ({', '.join(fields)})" if fields else ""
    return f"{findings[0].code} {findings[0].rule.title}{names}"


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
