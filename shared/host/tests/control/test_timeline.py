"""A recorded performance comes back in its order and at its times."""

from hypothesis import given
from hypothesis import strategies as st

from scope.control.timeline import MAX_EVENTS, Change, Playback, Recording, applied, changes, completed, steps


def test_what_was_moved_is_noted_from_the_beginning_of_the_recording():
    recording = Recording(began=100.0)
    recording.note(100.5, Change("fx", {"bloom": 0.2}))
    recording.note(101.0, Change("fx-2", {"bloom": 0.9, "grain": 0.1}))
    assert recording.events() == [
        {"at": 0.5, "stage": "fx", "set": {"bloom": 0.2}},
        {"at": 1.0, "stage": "fx-2", "set": {"bloom": 0.9, "grain": 0.1}},
    ]


def test_moves_faster_than_a_screen_become_one_with_the_last_value():
    recording = Recording(began=0.0)
    for step in range(10):
        recording.note(1.0 + step * 0.001, Change("fx", {"bloom": step / 10}))
    recording.note(1.005, Change("fx", {"grain": 1.0}))
    assert [event["set"] for event in recording.events()] == [{"bloom": 0.9}, {"grain": 1.0}]


def test_a_recording_ends_before_the_document_is_too_large():
    recording = Recording(began=0.0)
    for step in range(MAX_EVENTS + 10):
        recording.note(step, Change("fx", {"bloom": 0.5}))
    assert recording.full
    assert len(recording.events()) == MAX_EVENTS


@given(st.lists(st.floats(0, 100), max_size=20), st.lists(st.floats(0, 200), min_size=1, max_size=20))
def test_playback_gives_every_event_once_in_order_however_it_is_asked(times, asked):
    timeline = [{"at": at, "stage": "fx", "set": {"n": at}} for at in times]
    playback = Playback(timeline, began=50.0)
    given_out = [event["set"]["n"] for time in [*sorted(asked), 1000.0] for event in playback.due(50.0 + time)]
    assert given_out == sorted(times)
    assert playback.ended
    assert playback.until() is None


def document(prompts=(), **stages):
    made = [{"id": name, "pipeline": "fx", "on": True, "values": values} for name, values in stages.items()]
    return {"stages": made, "prompts": list(prompts)}


def defaults(_pipeline):
    return {"bloom": 0.0, "grain": 0.5}


def test_a_scene_is_noted_with_its_fade_its_switches_and_its_prompts():
    old = document(fx={"bloom": 0.2, "grain": 0.5}, soft={})
    new = document([{"text": "sea", "weight": 1.0}], fx={"bloom": 0.8, "sharp": 1}, soft={})
    new["stages"][1] = {**new["stages"][1], "on": False}
    found = changes(old, new, defaults, fade=2.0)
    assert found == [
        Change("fx", {"bloom": 0.8, "sharp": 1}, fade=2.0),
        Change("soft", on=False),
        Change(None, prompts=new["prompts"]),
    ]
    assert changes(old, document(fx={"grain": 0.5}, soft={}), defaults) == [Change("fx", {"bloom": 0.0})]
    assert changes(old, {**old, "stages": []}, defaults) == []
    moves = [{"fade": 0.0, "on": None, "prompts": None} | change.at(0.0) for change in found]
    after = applied(old, moves)
    assert after["prompts"] == new["prompts"]
    assert [stage["on"] for stage in after["stages"]] == [True, False]
    assert after["stages"][0]["values"] == {"bloom": 0.8, "grain": 0.5, "sharp": 1}


def test_a_recording_begins_whole_even_for_a_stage_that_had_no_values():
    moved = {"at": 1.0, "stage": "fx", "set": {"bloom": 1.0, "unknown": 2}}
    assert completed([{"at": 0.0, "stage": "fx", "set": {"grain": 0.1}}, moved], {"fx": defaults("fx")}) == [
        {"at": 0.0, "stage": "fx", "set": {"grain": 0.1, "bloom": 0.0}},
        moved,
    ]


def test_a_fade_becomes_the_steps_that_it_goes_live_and_a_hand_ends_it():
    timeline = [
        {"at": 0.0, "stage": "fx", "set": {"bloom": 0.0, "grain": 0.0}},
        {"at": 1.0, "stage": "fx", "set": {"bloom": 1.0, "grain": 1.0, "mirror": "left"}, "fade": 0.1},
        {"at": 1.05, "stage": "fx", "set": {"grain": 0.5}},
        {"at": 2.0, "stage": None, "set": {}, "prompts": []},
    ]
    found = list(steps(timeline, {"fx": {}}, lambda stage, name: False))
    bloom = [(round(at, 4), value) for at, _, name, value in found if name == "bloom"]
    assert bloom == [(0.0, 0.0), (1.0, 1 / 3), (1.0333, 2 / 3), (1.0667, 1.0)]
    grain = [(round(at, 4), value) for at, _, name, value in found if name == "grain"]
    assert grain == [(0.0, 0.0), (1.0, 1 / 3), (1.0333, 2 / 3), (1.05, 0.5)]
    assert [(at, value) for at, _, name, value in found if name == "mirror"] == [(1.0, "left")]
    assert [at for at, *_ in found] == sorted(at for at, *_ in found)
