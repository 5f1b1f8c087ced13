"""Faults are counted by what they are, not by what their sentences say."""

import logging

from scope.runtime.faults import Fault, FaultLog, PipelineError


def test_500_differing_sentences_are_one_entry_and_one_log_line(caplog):
    log = FaultLog()
    for i in range(500):
        log.note(PipelineError("fx", f"returned values up to {i}", "range"))
    (fault,) = log
    assert (fault.count, fault.first, fault.last) == (
        500,
        "pipeline 'fx' returned values up to 0",
        "pipeline 'fx' returned values up to 499",
    )
    assert fault.began <= fault.recent
    assert len(caplog.records) == 1


def test_node_kind_and_place_keep_faults_apart():
    log = FaultLog()
    log.note(PipelineError("fx", "failed", "call", place="a.py:1"))
    log.note(PipelineError("fx", "failed", "call", place="a.py:2"))
    log.note(PipelineError("fx", "failed", "prepare"))
    log.note(PipelineError("fx-2", "failed", "prepare"))
    assert [(fault.node, fault.kind, fault.place) for fault in log] == [
        ("fx", "call", "a.py:1"),
        ("fx", "call", "a.py:2"),
        ("fx", "prepare", ""),
        ("fx-2", "prepare", ""),
    ]


def test_a_full_log_forgets_the_fault_that_has_rested_for_longest():
    log = FaultLog(limit=3)
    for place in ("a:1", "b:1", "c:1", "a:1", "d:1"):
        log.note(PipelineError("fx", "failed", place=place))
    assert [fault.place for fault in log] == ["c:1", "a:1", "d:1"]


def test_one_log_line_a_kind_with_the_cause(caplog):
    log = FaultLog()
    for i in range(3):
        try:
            _ = 1 / 0
        except ZeroDivisionError as error:
            log.note(PipelineError.raised("fx", f"failed in call {i}", "call", error))
    log.note(PipelineError("fx", "returned NaN", "nan"))
    assert [record.levelno for record in caplog.records] == [logging.ERROR] * 2
    assert "ZeroDivisionError: division by zero (test_faults.py:" in caplog.records[0].getMessage()
    assert caplog.records[0].exc_info is not None


def test_observers_see_every_fault_with_its_count():
    log, seen = FaultLog(), list[Fault]()
    log.observe(seen.append)
    log.note(PipelineError("fx", "returned NaN", "nan"), times=3)
    log.note(PipelineError("fx", "returned NaN", "nan"))
    assert [fault.count for fault in seen] == [3, 4]
    assert log.count("nan") == 4
    assert str(seen[-1]) == "pipeline 'fx' returned NaN (4 times)"
