import subprocess
import sys

import pytest

from scope.control.history import History
from scope.control.presets import PresetError, Presets
from scope.control.scenes import free_id, recalled, stored
from scope.control.setup import Setup, Stage


def show(**values) -> Setup:
    return Setup(stages=[Stage(id="fx", pipeline="fx", values=values)])


def test_undo_and_redo_walk_through_the_documents():
    history = History()
    history.record("one", "first")
    history.record("two", "second")
    assert history.undo_label == "second"
    assert history.undo("three") == "two"
    assert history.undo("two") == "one"
    assert history.undo("one") is None
    assert history.redo("one") == "two"
    assert history.redo("two") == "three"


def test_changes_of_one_gesture_are_one_step():
    history = History()
    for document in ("one", "two", "three"):
        history.record(document, "trails", "drag-7")
    assert history.undo("four") == "one"
    assert history.undo("one") is None


def test_a_change_after_undo_forgets_what_could_be_redone():
    history = History()
    history.record("one", "a")
    history.undo("two")
    history.record("one", "b")
    assert history.redo("three") is None


def test_the_oldest_steps_are_forgotten():
    history = History(limit=2)
    for document in ("one", "two", "three"):
        history.record(document, "")
    assert [history.undo("x"), history.undo("y"), history.undo("z")] == ["three", "two", None]


def test_a_step_that_the_host_took_back_itself_is_passed_over():
    history = History()
    history.record("one", "a")
    history.record("two", "refused")
    assert history.undo("two") == "one"


def test_a_scene_brings_values_and_switches_back():
    scene = stored(show(trails=0.8), "scene-1", "Night", 2.0)
    later = show(trails=0.1)
    later = later.model_copy(update={"stages": [later.stages[0].model_copy(update={"on": False})]})
    assert recalled(later, scene) == show(trails=0.8)


def test_a_scene_leaves_stages_that_came_later_alone():
    scene = stored(Setup(), "scene-1", "Empty", 0)
    assert recalled(show(trails=0.1), scene) == show(trails=0.1)


def test_scene_ids_are_free():
    setup = show()
    scene = stored(setup, free_id(setup), "One", 0)
    assert free_id(setup.model_copy(update={"scenes": [scene]})) == "scene-2"


def test_presets_come_back_by_name(tmp_path):
    presets = Presets(tmp_path / "presets")
    assert presets.list() == []
    presets.save("Night v1.2", show(trails=0.8))
    assert [preset.name for preset in presets.list()] == ["Night v1.2"]
    assert presets.load("Night v1.2") == show(trails=0.8)
    presets.delete("Night v1.2")
    assert presets.list() == []


@pytest.mark.parametrize("name", ["../x", "a/b", ".hidden", "", " x", "x" * 121, "a\x00b", "ä"])
def test_a_preset_name_cannot_leave_the_folder(tmp_path, name):
    presets = Presets(tmp_path)
    for action in (presets.load, presets.delete, lambda n: presets.save(n, show())):
        with pytest.raises(PresetError, match="expected a name of 1 to 120 letters"):
            action(name)


def test_a_damaged_preset_is_a_sentence(tmp_path):
    (tmp_path / "bad.json").write_text("{")
    with pytest.raises(
        PresetError, match="preset 'bad' cannot be used: this is not a set-up document: not JSON at line 1"
    ):
        Presets(tmp_path).load("bad")
    with pytest.raises(PresetError, match="there is no preset 'none'"):
        Presets(tmp_path).load("none")


def test_the_room_imports_no_torch():
    code = (
        "import sys, scope.control.setup, scope.control.presets, scope.control.scenes; sys.exit('torch' in sys.modules)"
    )
    subprocess.run([sys.executable, "-c", code], check=True)
