"""One plugin from a name to a report."""

import json
import sys
import tempfile
import tomllib
from dataclasses import replace
from importlib import metadata
from pathlib import Path

from scope_testkit.checks import packaging
from scope_testkit.findings import Finding, Place
from scope_testkit.owners import installed_owners
from scope_testkit.providers import required
from scope_testkit.sandbox import Limits, Report, run_worker
from scope_testkit.target import Target
from scope_testkit.wheel import BuildError, build, clean_environment


def examine_target(target: Target, limits: Limits, *, fast: bool = False, gpu: bool = False) -> Report:
    """Build a folder's wheel, put it into a clean environment, and examine it there; an installed distribution is
    examined where it is.
    """
    report = Report(target.dist)
    if target.project:
        report.findings += packaging.folder_name(target.project)
    with tempfile.TemporaryDirectory() as folder:
        try:
            python = _interpreter(target, Path(folder))
        except BuildError as error:
            _tell_unbuilt(report, error)
            return report
        if python == sys.executable or not _lacking(target, Path(folder), report):
            run_worker(python, _arguments(target, Path(folder), fast=fast, gpu=gpu), report, limits)
    if target.project:
        report.findings = with_allowances(report, allowances(target.project))
    return report


def _tell_unbuilt(report: Report, error: BuildError) -> None:
    if error.unreachable:
        report.skipped.append({"what": f"everything but the folder of {report.plugin}", "why": str(error)})
    else:
        report.findings.append(Finding("P015", str(error), Place("pyproject.toml")))


def _arguments(target: Target, folder: Path, *, fast: bool, gpu: bool) -> list[str]:
    """What the worker is told; the owners of other ids lie in a file."""
    owners = folder / "owners"
    owners.write_text(json.dumps(installed_owners()), encoding="utf-8")
    flags = [name for name, on in (("--fast", fast), ("--gpu", gpu)) if on]
    flags += ["--pipeline", target.pipeline] if target.pipeline else []
    flags += ["--source", str(target.project)] if target.project else []
    return ["--dist", target.dist, "--owners", str(owners), *flags]


def _interpreter(target: Target, folder: Path) -> str:
    if not (target.project or target.wheel):
        return sys.executable
    wheel = target.wheel or build(target.project or folder, folder / "dist")
    return clean_environment(wheel, folder / "env")


def _lacking(target: Target, folder: Path, report: Report) -> bool:
    """Whether requirements of the plugin are not installed here, so that it cannot run."""
    found = next(iter(metadata.distributions(name=target.dist, path=_packages(folder / "env"))), None)
    absent = [str(r) for n, r in required(found).items() if not list(metadata.distributions(name=n))] if found else []
    if found and absent:
        report.findings += packaging.described(found)
        why = f"{', '.join(absent)} is not installed here; install it beside the kit and check again"
        report.skipped.append({"what": f"everything but the metadata of {target.dist}", "why": why})
    return bool(absent)


def _packages(env: Path) -> list[str]:
    return [str(path) for path in env.glob("lib/*/site-packages")] + [str(env / "Lib" / "site-packages")]


def allowances(project: Path) -> dict[str, str]:
    """`[tool.scope-check.allow]` of a project: reasons by code, or by code and field ("V005:lut")."""
    data = tomllib.loads((project / "pyproject.toml").read_text(encoding="utf-8"))
    return data.get("tool", {}).get("scope-check", {}).get("allow", {})


def with_allowances(report: Report, allowances: dict[str, str]) -> list[Finding]:
    """The findings with their reasons. An allowance may be needed by what was not examined this time."""
    result = [replace(f, allowed=_reason(f, allowances)) for f in report.findings]
    keys = {key for f in report.findings for key in (f.code, f"{f.code}:{f.place.field}")}
    whole = all(skip["why"] == "fast" for skip in report.skipped)
    for key, reason in allowances.items():
        place = Place("pyproject.toml", field=f"tool.scope-check.allow.{key}")
        if not str(reason).strip():
            result.append(Finding("P020", f"{key} is allowed without a reason", place))
        elif key not in keys and whole:
            result.append(Finding("P020", f"{key} is allowed, but was not found", place))
    return result


def _reason(finding: Finding, allowances: dict[str, str]) -> str | None:
    reason = allowances.get(f"{finding.code}:{finding.place.field}") or allowances.get(finding.code)
    return reason if reason and reason.strip() else None
