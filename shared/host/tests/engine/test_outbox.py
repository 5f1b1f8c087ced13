"""Commands on their way: order, merging, bounds."""

import threading

from scope.engine import commands
from scope.engine.outbox import MOST, Outbox


def taken(outbox: Outbox) -> list[commands.Command]:
    found = []
    while (command := outbox.take(timeout=0)) is not None:
        found.append(command)
    return found


def test_a_burst_for_one_stage_becomes_one_group_with_the_last_values():
    outbox = Outbox()
    for i in range(10_000):
        outbox.put(commands.Post("fx", {"a": i, f"b{i % 2}": i}, n=i, by="page"))
    assert taken(outbox) == [commands.Post("fx", {"a": 9999, "b0": 9998, "b1": 9999}, n=9999, by="page")]


def test_stages_and_clients_are_kept_apart():
    outbox = Outbox()
    posts = [
        commands.Post("fx", {"a": 1}, 1, "page"),
        commands.Post("fx-2", {"a": 1}, 2, "page"),
        commands.Post("fx", {"a": 2}, 1, "osc"),
    ]
    for post in posts:
        outbox.put(post)
    assert taken(outbox) == posts


def test_values_before_and_after_an_edit_stay_before_and_after_it():
    outbox = Outbox()
    said = [
        commands.Post("fx", {"a": 1}),
        commands.Play({"stages": []}),
        commands.Post("fx", {"a": 2}),
        commands.Swap("fx", {}),
    ]
    for command in said:
        outbox.put(command)
    assert taken(outbox) == said


def test_of_pauses_and_pictures_only_the_last_counts():
    outbox = Outbox()
    for command in (commands.Pause(True), commands.Fed(), commands.Pause(False), commands.Fed()):
        outbox.put(command)
    assert taken(outbox) == [commands.Pause(False), commands.Fed()]


def test_what_waits_is_bounded():
    outbox = Outbox()
    for i in range(2 * MOST):
        outbox.put(commands.Post(f"stage-{i}", {}))
    assert len(taken(outbox)) == MOST


def test_the_end_wakes_who_waits():
    outbox = Outbox()
    waiter = threading.Thread(target=outbox.take)
    waiter.start()
    outbox.end()
    waiter.join(60)
    assert not waiter.is_alive()
    outbox.put(commands.Stop())
    assert outbox.take(timeout=0) is None
