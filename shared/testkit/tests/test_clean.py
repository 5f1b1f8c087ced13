import pytest
from mutants.clean import CLEAN

from scope_testkit.findings import Finding
from scope_testkit.subject import Skipped, Subject
from scope_testkit.suite import examine


@pytest.mark.parametrize("pipeline", CLEAN, ids=lambda cls: cls.__name__)
def test_a_plugin_without_fault_passes_without_finding_and_nothing_is_skipped(pipeline):
    results = list(examine(Subject(pipeline)))
    assert [r for r in results if isinstance(r, Finding)] == []
    assert [r for r in results if isinstance(r, Skipped)] == []
