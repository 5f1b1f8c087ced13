"""A recorded performance comes back in its order and at its times."""

from hypothesis import given
from hypothesis import strategies as st

from scope.control.timeline import MAX_EVENTS, Playback, Recording


def test_what_was_moved_is_noted_from_the_beginning_of_the_recording():
    recording = Recording(began=100.0)
    recording.note(100.5, "fx", {"bloom": 0.2})
    recording.note(101.0, "fx-2", {"bloom": 0.9, "grain": 0.1})
    assert recording.events() == [
        {"at": 0.5, "stage": "fx", "set": {"bloom": 0.2}},
        {"at": 1.0, "stage": "fx-2", "set": {"bloom": 0.9, "grain": 0.1}},
    ]


def test_moves_faster_than_a_screen_become_one_with_the_last_value():
    recording = Recording(began=0.0)
    for step in range(10):
        recording.note(1.0 + step * 0.001, "fx", {"bloom": step / 10})
    recording.note(1.005, "fx", {"grain": 1.0})
    assert [event["set"] for event in recording.events()] == [{"bloom": 0.9}, {"grain": 1.0}]


def test_a_recording_ends_before_the_document_is_too_large():
    recording = Recording(began=0.0)
    for step in range(MAX_EVENTS + 10):
        recording.note(step, "fx", {"bloom": 0.5})
    assert recording.full
    assert len(recording.events()) == MAX_EVENTS


@given(st.lists(st.floats(0, 100), max_size=20), st.lists(st.floats(0, 200), min_size=1, max_size=20))
def test_playback_gives_every_event_once_in_order_however_it_is_asked(times, asked):
    timeline = [{"at": at, "stage": "fx", "set": {"n": at}} for at in times]
    playback = Playback(timeline, began=50.0)
    given_out = [values["n"] for time in [*sorted(asked), 1000.0] for _, values in playback.due(50.0 + time)]
    assert given_out == sorted(times)
    assert playback.ended
    assert playback.until() is None
