"""Which call runs, since when, and when that is too long."""

import time

from scope.engine.calls import BOARD_SIZE, SLOTS, CallBoard, Patience, Watch


def test_the_other_side_of_the_memory_sees_the_calls_that_run():
    memory = bytearray(BOARD_SIZE)
    engine, server = CallBoard(memory), CallBoard(memory)
    engine.begin("fx")
    engine.end("fx")
    engine.begin("grün-2")
    engine.begin("fx")
    assert [(call.node, call.ended) for call in server.running()] == [("fx", 1), ("grün-2", 0)]
    engine.end("fx")
    assert [call.node for call in server.running()] == ["grün-2"]
    assert 0 <= server.running()[0].seconds < 60


def test_more_nodes_than_slots_are_watched_in_part():
    board = CallBoard()
    for i in range(SLOTS + 5):
        board.begin(f"stage-{i}")
    assert len(board.running()) == SLOTS


def test_a_stalled_call_is_told_once_and_a_first_call_has_longer():
    watch = Watch(CallBoard(), Patience(told=0.01, ended=0.02, told_first=1000, ended_first=1000))
    watch.board.begin("fx")
    time.sleep(0.03)
    assert not list(watch.stalled())
    assert watch.lost() is None
    watch.board.end("fx")
    watch.board.begin("fx")
    time.sleep(0.03)
    assert [call.node for call in watch.stalled()] == ["fx"]
    assert not list(watch.stalled())
    lost = watch.lost()
    assert lost is not None
    assert lost.node == "fx"
