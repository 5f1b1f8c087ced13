"""Changes by hands, hardware and other programs: what switches waits for the beat that the set-up quantizes to."""

from collections.abc import Callable, Mapping, Sequence
from functools import partial
from typing import Any

from scope.control.fields import choices_of, field_of
from scope.control.patch import Operation
from scope.control.setup import Scene
from scope.control.timeline import Change, changes
from scope.server.beats import Beats
from scope.server.edits import patched, with_prompts
from scope.server.on_the_beat import OnTheBeat
from scope.server.show import Show

Json = dict[str, Any]

_PLAYED = frozenset({"values", "on"})
_PROMPTS = "prompts"


class Quantized:
    """The show as clients change it. Used on the event loop only.

    Numbers and the weights of prompts follow at once. Changes that come together are made together.
    """

    def __init__(self, show: Show, beats: Beats) -> None:
        self._show, self._beats = show, beats
        self._beat = OnTheBeat(beats, show.audience.tell_state)
        self.promised, self.plan, self.stop = self._beat.promised, self._beat.plan, self._beat.stop

    @property
    def waits(self) -> bool:
        """True while something waits for the beat."""
        return self._beat.waits

    def recall(self, scene: Scene, client: str, fade: float | None = None) -> None:
        """Go to a scene, at the next beat or bar if the set-up says so."""
        self._beat.make(lambda: self._show.recall(scene, client, fade), {**scene.values})

    def set_values(
        self, stage: str, values: Mapping[str, Any], client: str, *, n: int = 0, gesture: str | None = None
    ) -> None:
        """See `Show.set_values`; values with one among them that switches wait for the beat, as scenes do.

        Raises:
            ShowError: no such stage, or a value that no stage could take; at once.
        """
        self._show.check(stage, values)

        def change() -> None:
            self._show.set_values(stage, values, client, n=n, gesture=gesture)

        self._make(change, [Change(stage, values)])

    def unset_values(self, stage: str, names: Sequence[str], client: str, gesture: str | None = None) -> None:
        """See `Show.unset_values`.

        Raises:
            ShowError: no such stage.
        """
        pipeline = self._show.check(stage, {})["pipeline"]
        back = {name: value for name, value in self._show.defaults(pipeline).items() if name in names}
        self._make(lambda: self._show.unset_values(stage, names, client, gesture), [Change(stage, back)])

    def set_everywhere(self, values: Mapping[str, Any], client: str, n: int = 0) -> None:
        """Give values to every stage that has a field of that name; what no stage has goes to all of them.

        Raises:
            ShowError: a value that no stage could take.
        """
        stages = self._show.document.now["stages"]
        fields = {stage["id"]: self._show.schema(stage["pipeline"]).get("properties", {}) for stage in stages}
        known = set().union(*fields.values())
        for stage_id, names in fields.items():
            own = {name: value for name, value in values.items() if name in names or name not in known}
            if own:
                self.set_values(stage_id, own, client, n=n)

    def set_prompts(self, prompts: Any, transition: Any, client: str, gesture: str | None = None) -> None:
        """See `Show.set_prompts`; other texts wait for the beat, other weights do not.

        Raises:
            ShowError: not prompts, or not a transition.
        """
        new = with_prompts(self._show.document.now, prompts, transition)
        change = partial(self._show.set_prompts, prompts, transition, client, gesture)
        self._make(change, [Change(None, prompts=new["prompts"])])

    def patch(self, operations: Sequence[Operation], client: str, label: str | None, gesture: str | None) -> None:
        """Apply a JSON Patch; one that plays the show and builds nothing waits for the beat if anything in it switches.

        Raises:
            ShowError: the patch does not fit, or what comes out is no set-up; at once.
        """
        old = self._show.document.now
        new = patched(old, operations)
        moves = changes(old, new, self._show.defaults) if built(old) == built(new) else []
        self._make(lambda: self._show.patch(operations, client, label=label, gesture=gesture), moves)

    def _make(self, change: Callable[[], None], moves: Sequence[Change]) -> None:
        """Make a change now, or at the beat if one of the moves that it consists of switches."""
        if self._beats.wait() > 0.0 and any(self._switches(move) for move in moves):
            given = {move.stage: move.set if move.prompts is None else {_PROMPTS: move.prompts} for move in moves}
            self._beat.make(change, given)
        else:
            change()

    def _switches(self, move: Change) -> bool:
        """True for what comes at once and not by degrees: a stage that goes on or off, toggles, menus, other texts."""
        document, waiting = self._show.document.now, self._beat.promised(move.stage)
        if move.prompts is not None:
            return _PROMPTS in waiting or _texts(move.prompts) != _texts(document["prompts"])
        if move.on is not None:
            return True
        stage = self._show.check(str(move.stage), {})
        fields = {name: field_of(self._show.schema(stage["pipeline"]), name) for name in move.set}
        menus = {name: field.get("default") for name, field in fields.items() if choices_of(field)}
        now = menus | stage["values"]
        return any(name in waiting or move.set[name] != now[name] for name in menus)


def _texts(prompts: Sequence[Mapping[str, Any]]) -> list[str]:
    return [prompt["text"] for prompt in prompts]


def built(document: Json) -> Json:
    """What of a set-up is not played: all but the values of its stages, whether they are on, and prompts."""
    stages = [{name: value for name, value in stage.items() if name not in _PLAYED} for stage in document["stages"]]
    return {**document, "stages": stages, "prompts": []}
