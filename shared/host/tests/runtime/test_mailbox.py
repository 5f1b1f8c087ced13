"""What other threads post reaches exactly the calls it is meant for."""

import threading

from scope.runtime.mailbox import Mailbox, Setting


def test_the_last_value_wins_and_stays():
    mailbox = Mailbox()
    mailbox.post({"gain": 1.0})
    mailbox.post({"gain": 2.0})
    assert [dict(mailbox.take().values) for _ in range(2)] == [{"gain": 2.0}] * 2


def test_a_once_only_value_goes_to_one_call():
    mailbox = Mailbox()
    mailbox.post({"transition": {"num_steps": 4}, "gain": 1.0})
    assert [sorted(mailbox.take().values) for _ in range(2)] == [["gain", "transition"], ["gain"]]


def test_a_look_at_the_parameters_uses_nothing_up():
    mailbox = Mailbox()
    mailbox.post({"images": ["a.png"], "reset_cache": True})
    assert mailbox.peek() == {"images": ["a.png"]}
    changes = mailbox.take()
    assert (dict(changes.values), changes.reset) == ({"images": ["a.png"]}, True)


def test_a_reset_is_asked_for_once_and_is_no_parameter():
    mailbox = Mailbox()
    mailbox.post({"reset_cache": True})
    mailbox.post({"reset_cache": False})
    taken = [mailbox.take() for _ in range(2)]
    assert [changes.reset for changes in taken] == [True, False]
    assert [dict(changes.values) for changes in taken] == [{}, {}]


def test_settings_take_effect_at_their_time_those_of_one_time_in_order():
    mailbox = Mailbox([Setting(0.2, "gain", 3), Setting(0.0, "gain", 1), Setting(0.0, "gain", 2)])
    assert [mailbox.take(time).values["gain"] for time in (0.0, 0.1, 0.2, 0.3)] == [2, 2, 3, 3]


def test_what_was_taken_does_not_change_when_more_is_posted():
    mailbox = Mailbox()
    mailbox.post({"gain": 1.0})
    taken = mailbox.take().values
    mailbox.post({"gain": 2.0})
    assert taken == {"gain": 1.0}


def test_a_group_arrives_whole_while_many_calls_are_made():
    mailbox = Mailbox()
    mailbox.post({"left": 0, "right": 0})
    threads = [threading.Thread(target=_post_pairs, args=(mailbox, n), name=f"scope:test:{n}") for n in (1, 2)]
    for thread in threads:
        thread.start()
    torn = []
    while any(thread.is_alive() for thread in threads):
        values = mailbox.take().values
        if values["left"] != values["right"]:
            torn.append(values)
    for thread in threads:
        thread.join()
    assert torn == []


def _post_pairs(mailbox: Mailbox, start: int) -> None:
    for i in range(2000):
        mailbox.post({"left": start * i, "right": start * i, f"new_{start}_{i}": 0})
