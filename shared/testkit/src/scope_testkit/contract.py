"""The checks as a pytest class that a package makes its own in three lines.

class TestFx(PipelineContract):
    pipeline = FxPipeline
"""

from collections.abc import Callable, Iterator, Mapping
from importlib import metadata
from typing import Any, ClassVar

import pytest
import torch

from scope.core.pipelines.interface import Pipeline
from scope_testkit.checks import packaging
from scope_testkit.findings import Finding, rules
from scope_testkit.heavy import heavy_imports
from scope_testkit.subject import DEFAULT_SIZE, Subject
from scope_testkit.suite import CHECKS, Check, run


class PipelineContract:
    """One test for each check. A subclass names its pipeline, and may narrow what is asked of it.

    `allow`: reasons by code ("F004") or by code and field ("V005:lut") for findings that are meant to be.
    `size`: (height, width) of the frames in most checks. `fast`: fewer sizes and mixtures of parameters.
    `seconds`: what one check may cost; on a slower pipeline it makes fewer calls.
    `make(**load)`: override to build an instance in another way than a host does, with a small model for example.
    """

    pipeline: ClassVar[type[Pipeline]]
    allow: ClassVar[Mapping[str, str]] = {}
    size: ClassVar[tuple[int, int]] = DEFAULT_SIZE
    fast: ClassVar[bool] = False
    seconds: ClassVar[float] = 60.0

    @classmethod
    def make(cls, **load: Any) -> Pipeline:
        """An instance of the pipeline."""
        return cls.pipeline(**load)

    @pytest.fixture(scope="class")
    @classmethod
    def subject(cls) -> Subject:
        """The pipeline with what the checks learn of it, once for all tests of the class."""
        return Subject(cls.pipeline, make=cls.make, size=cls.size, fast=cls.fast, seconds=cls.seconds)

    @pytest.fixture(scope="class", autouse=True)
    @classmethod
    def one_thread(cls) -> Iterator[None]:
        """Frames here are small: threads would only wait for each other, most of all on a busy machine."""
        threads = torch.get_num_threads()
        torch.set_num_threads(1)
        yield
        torch.set_num_threads(threads)

    def test_every_allowance_has_a_reason(self) -> None:
        for key, reason in self.allow.items():
            assert key.partition(":")[0] in rules(), f"{key}: no rule has this code"
            assert reason.strip(), f"{key}: expected a reason, got an empty text"

    def test_packaging(self) -> None:
        found = []
        for distribution in _distributions(self.pipeline):
            (point,) = packaging.entry_points(distribution)
            found += [*packaging.described(distribution), *heavy_imports(point.module, [])]
            found += packaging.registered(point).findings
        _judge(found, self.allow)


def _distributions(pipeline: type[Pipeline]) -> list[metadata.Distribution]:
    """The installed distributions whose entry point is the package of the pipeline; none for one that is not installed."""
    package = pipeline.__module__.split(".")[0]
    points = ((d, packaging.entry_points(d)) for d in metadata.distributions())
    return [d for d, found in points if len(found) == 1 and found[0].module.split(".")[0] == package]


def _judge(results: list[Any], allow: Mapping[str, str]) -> None:
    """Fail with every finding that has no reason to be."""
    found = [r for r in results if isinstance(r, Finding)]
    open_findings = [f for f in found if not (allow.get(f"{f.code}:{f.place.field}") or allow.get(f.code))]
    if open_findings:
        pytest.fail("\n".join(_told(f) for f in open_findings), pytrace=False)


def _told(finding: Finding) -> str:
    rule = finding.rule
    return f"{rule.code} {rule.title} [{finding.place}]: {finding.message}\n  why: {rule.why}\n  fix: {rule.fix}"


def _test(check: Check) -> Callable[[Any, Subject], None]:
    def test(self: PipelineContract, subject: Subject) -> None:
        _judge(list(run(check, subject)), self.allow)

    test.__doc__ = check.run.__doc__
    return test


for _check in CHECKS:
    setattr(PipelineContract, f"test_{_check.name}", _test(_check))
