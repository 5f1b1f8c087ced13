"""The set-up document: what a show is made of. It is preset, API resource, undo unit and PNG metadata alike."""

from typing import Annotated, Any, Literal, Self

from pydantic import AfterValidator, BaseModel, ConfigDict, Field, ValidationError, model_validator

from scope.control.encoders import Encoding, problem_of
from scope.control.explain import sentence
from scope.control.strict_json import JsonError, check_json, read_json

FORMAT = 1

StageId = Annotated[str, Field(pattern=r"^[A-Za-z][A-Za-z0-9._-]{0,63}$")]
Name = Annotated[str, Field(min_length=1, max_length=120)]
Thumbnail = Annotated[str, Field(max_length=16_000, pattern=r"^data:image/jpeg;base64,[A-Za-z0-9+/=]*$")]
Role = Literal["pre", "main", "post"]
Mode = Literal["text", "video"]
ROLES: tuple[Role, ...] = ("pre", "main", "post")


class SetupError(ValueError):
    """A set-up document that cannot be used; the message names the field, what was expected and what came."""


def _json(value: Any) -> Any:
    try:
        return check_json(value)
    except JsonError as error:
        raise ValueError(str(error)) from error


Values = Annotated[dict[Name, Any], Field(max_length=500), AfterValidator(_json)]


class _Part(BaseModel):
    model_config = ConfigDict(extra="forbid", strict=True, allow_inf_nan=False, frozen=True)


class Source(_Part):
    """Where input frames come from.

    `sample`: the built-in clip. `file`: `path`, a file in the assets folder. `pattern`: the test pattern. `camera`,
    `screen`, `webrtc`: what a client sends (the first two tell a page what to capture). `stream`: `path`, an address such
    as `rtsp://camera.local/1` or `ndi://NAME`. `none`: no input, pipelines run
    in text mode. `width` and `height`: the size that pictures are fitted to, the source's own without. `fps`: frames a
    second, the source's own without.
    """

    kind: Literal["none", "sample", "file", "pattern", "camera", "screen", "webrtc", "stream"] = "none"
    path: Annotated[str, Field(min_length=1, max_length=500)] | None = None
    loop: bool = True
    width: Annotated[int, Field(ge=16, le=8192)] | None = None
    height: Annotated[int, Field(ge=16, le=8192)] | None = None
    fps: Annotated[float, Field(ge=1, le=240)] | None = None

    @model_validator(mode="after")
    def _complete(self) -> Self:
        if self.kind == "file" and self.path is None:
            raise ValueError("a source of kind 'file' needs the path of an asset")
        if self.kind == "stream" and "://" not in (self.path or ""):
            raise ValueError(f"a source of kind 'stream' needs an address such as rtsp://host/path, got {self.path!r}")
        if (self.width is None) != (self.height is None):
            raise ValueError("width and height go together")
        return self


class Stage(_Part):
    """A pipeline in the chain with values of its own. `mode` follows the source when it is null."""

    id: StageId
    pipeline: Name
    version: Name | None = None
    role: Role = "main"
    on: bool = True
    mode: Mode | None = None
    load: Values = Field(default_factory=dict)
    values: Values = Field(default_factory=dict)


class Prompt(_Part):
    """A text and its share among the others."""

    text: Annotated[str, Field(max_length=10_000)]
    weight: Annotated[float, Field(ge=0, le=1000)] = 1.0


class Transition(_Part):
    """How a new prompt takes over: in how many calls, and along a line or an arc."""

    num_steps: Annotated[int, Field(ge=0, le=1000)] = 0
    temporal_interpolation_method: Literal["linear", "slerp"] = "slerp"


class Tempo(_Part):
    """The clock that beats come from. `quantize` delays scenes and switches to the next beat or bar.

    `start_stop`: it stands still and goes on together with the other members of a Link session.
    """

    source: Literal["off", "internal", "midi", "link"] = "off"
    bpm: Annotated[float, Field(ge=20, le=300)] = 120.0
    beats_per_bar: Annotated[int, Field(ge=1, le=16)] = 4
    quantize: Literal["off", "beat", "bar"] = "off"
    start_stop: bool = False


class Mapping(_Part):
    """A hardware or network control that moves a field between `low` and `high`, or fires an `action`.

    `encoding`: what the values of a control change mean, see `scope.control.encoders`.
    """

    input: Name
    stage: StageId | None = None
    field: Name | None = None
    low: float | None = None
    high: float | None = None
    action: Name | None = None
    encoding: Encoding = "absolute"

    @model_validator(mode="after")
    def _readable(self) -> Self:
        if problem := problem_of(self.encoding, self.input):
            raise ValueError(problem)
        return self


class Modulation(_Part):
    """A wave that is added to a field: `base + depth * wave(beat * rate + phase)`, depth in the field's own unit."""

    stage: StageId
    field: Name
    wave: Literal["sine", "triangle", "saw", "square", "random", "beat", "audio"] = "sine"
    depth: float = 0.0
    rate: Annotated[float, Field(ge=0, le=64)] = 1.0
    phase: Annotated[float, Field(ge=0, le=1)] = 0.0
    band: Name | None = None


class Scene(_Part):
    """Values to go to, in `fade` seconds: numbers glide, everything else switches.

    `on` switches stages; `prompts` replaces the prompts unless it is null. `picture`: a small JPEG as a data URL.
    """

    id: StageId
    name: Name
    values: dict[StageId, Values] = Field(default_factory=dict)
    on: dict[StageId, bool] = Field(default_factory=dict)
    prompts: Annotated[list[Prompt], Field(max_length=16)] | None = None
    fade: Annotated[float, Field(ge=0, le=60)] = 0.0
    picture: Thumbnail | None = None


class Cue(_Part):
    """One step of the cue list: a scene, and how long until the next step.

    `wait`: how many seconds, beats or bars after this cue the next one goes by itself, if it does (`follow`); else that
    waits for a go. `fade`: seconds, the scene's own when it is null. Beats without a clock are those of the set-up's
    tempo. A cue whose scene is gone changes nothing, and its wait passes.
    """

    id: StageId
    scene: StageId
    wait: Annotated[float, Field(ge=0.1, le=86_400)] = 8.0
    unit: Literal["seconds", "beats", "bars"] = "seconds"
    fade: Annotated[float, Field(ge=0, le=60)] | None = None
    follow: bool = True


class CueList(_Part):
    """Scenes in order of a performance. `loop`: the first follows the last."""

    loop: bool = False
    items: Annotated[list[Cue], Field(max_length=200)] = Field(default_factory=list)

    @model_validator(mode="after")
    def _consistent(self) -> Self:
        _check_unique("items", [cue.id for cue in self.items])
        return self


class Clock(_Part):
    """Where a clock stands at a moment: how many beats have gone by, and how fast they go on if it plays."""

    bpm: Annotated[float, Field(ge=20, le=300)]
    beats_per_bar: Annotated[int, Field(ge=1, le=16)]
    beats: float
    playing: bool = True


class Move(_Part):
    """One moment of a recorded performance, `at` seconds after the beginning: what a stage was given.

    Numbers of `set` take `fade` seconds. `on` switches the stage. Without a stage, it is the show's: `prompts` and the
    `transition` in which they take over, what the `clock` was set to, and how many seconds of the source's `film` had
    gone by. The last move stands where the recording ended.
    """

    at: Annotated[float, Field(ge=0, le=86_400)]
    stage: StageId | None = None
    set: Values = Field(default_factory=dict)
    fade: Annotated[float, Field(ge=0, le=60)] = 0.0
    on: bool | None = None
    prompts: Annotated[list[Prompt], Field(max_length=16)] | None = None
    transition: Transition | None = None
    clock: Clock | None = None
    film: Annotated[float, Field(ge=0)] | None = None


class Setup(_Part):
    """One show. `stages` are in order of flow: preprocessors, at most one main pipeline, postprocessors.

    `prompts` go to every stage whose pipeline takes prompts, unless its own values hold `prompts`. `timeline`: what was
    moved during a performance, in order.
    """

    scope: Literal[1] = FORMAT
    name: Annotated[str, Field(max_length=120)] = ""
    source: Source = Source()
    stages: Annotated[list[Stage], Field(max_length=32)] = Field(default_factory=list)
    prompts: Annotated[list[Prompt], Field(max_length=16)] = Field(default_factory=list)
    transition: Transition = Transition()
    tempo: Tempo = Tempo()
    mappings: Annotated[list[Mapping], Field(max_length=512)] = Field(default_factory=list)
    modulation: Annotated[list[Modulation], Field(max_length=256)] = Field(default_factory=list)
    scenes: Annotated[list[Scene], Field(max_length=32)] = Field(default_factory=list)
    cues: CueList = Field(default_factory=CueList)
    timeline: Annotated[list[Move], Field(max_length=10_000)] = Field(default_factory=list)

    @model_validator(mode="after")
    def _consistent(self) -> Self:
        _check_unique("stages", [stage.id for stage in self.stages])
        _check_unique("scenes", [scene.id for scene in self.scenes])
        _check_order(self.stages)
        return self

    def document(self) -> dict[str, Any]:
        """As JSON, every field written out."""
        return self.model_dump(mode="json")


def parse_setup(data: bytes | str) -> Setup:
    """A set-up from its JSON text, at most 1 MB.

    Raises:
        SetupError: in one sentence.
    """
    try:
        return check_setup(read_json(data))
    except JsonError as error:
        raise SetupError(f"this is not a set-up document: {error}") from error


def check_setup(value: Any) -> Setup:
    """A set-up from parsed JSON.

    Raises:
        SetupError: in one sentence.
    """
    if not isinstance(value, dict) or "scope" not in value:
        raise SetupError("this is not a set-up document: it has no field 'scope' with the number of its format")
    if isinstance(value["scope"], int) and value["scope"] > FORMAT:
        raise SetupError(
            f"the set-up has format {value['scope']}, and this host reads format {FORMAT}; update the host"
        )
    try:
        return Setup.model_validate(value)
    except ValidationError as error:
        raise SetupError(sentence(error)) from error


def _check_unique(where: str, ids: list[str]) -> None:
    twice = sorted({one for one in ids if ids.count(one) > 1})
    if twice:
        raise ValueError(f"{where}: expected ids that differ, got {twice[0]!r} {ids.count(twice[0])} times")


def _check_order(stages: list[Stage]) -> None:
    roles = [stage.role for stage in stages]
    if roles.count("main") > 1:
        raise ValueError(f"stages: expected at most one main pipeline, got {roles.count('main')}")
    if roles != sorted(roles, key=ROLES.index):
        raise ValueError(f"stages: expected preprocessors, main, postprocessors in this order, got {', '.join(roles)}")
