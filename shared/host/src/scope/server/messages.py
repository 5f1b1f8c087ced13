"""What clients say about the show, over a control socket or a data channel: read, checked and done."""

import logging
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Annotated, Any

from pydantic import BaseModel, ConfigDict, Field, ValidationError

from scope.control.explain import sentence
from scope.control.setup import Source
from scope.control.strict_json import JsonError, read_json
from scope.server.edits import ShowError, stage_id_of
from scope.server.performance import KEYS as PERFORMANCE
from scope.server.performance import Performance
from scope.server.recorder import Recorder, RecorderError
from scope.server.show import Show
from scope.server.sinks import Sinks

log = logging.getLogger(__name__)

# Names by which a message is ours; without any of them it is the original host's flat form.
_OWN = frozenset({"set", "unset"})
# What the original host's clients send beside values: read by name, or of no use for the show.
_IGNORED = frozenset(
    {
        "beat_cache_reset_rate",
        "gesture",
        "input_source",
        "lookahead_ms",
        "n",
        "node_id",
        "output_sinks",
        "produces_audio",
        "produces_video",
        "quantize_mode",
        "recording",
        "spout_receiver",
        "spout_sender",
        "stage",
    }
)
_QUANTIZE = {"none": "off", "beat": "beat", "bar": "bar"}
_WITHOUT_EFFECT = {
    "lookahead_ms": "changes are made on the beat itself",
    "beat_cache_reset_rate": "no state of a pipeline starts anew with the beat",
}
_NEUTRAL = (None, 0, "none")
_MAX_TOLD = 2**53


class StageMessage(BaseModel):
    """Values for one stage, as a group."""

    model_config = ConfigDict(extra="forbid", strict=True)

    stage: Annotated[str, Field(max_length=64)]
    set: Annotated[dict[str, Any], Field(max_length=500)] = Field(default_factory=dict)
    unset: Annotated[list[str], Field(max_length=500)] = Field(default_factory=list)
    gesture: Annotated[str | None, Field(max_length=100)] = None
    n: Annotated[int, Field(ge=0, le=_MAX_TOLD)] = 0


@dataclass(frozen=True)
class Desk:
    """What messages can reach."""

    performance: Performance
    sinks: Sinks
    recorder: Recorder


def hear(desk: Desk, client: str, text: str | bytes) -> None:
    """Act on one message; what is wrong with it, the client is told, and nothing else."""
    message: Any = None
    try:
        message = read_json(text)
        if not isinstance(message, dict):
            raise ShowError("expected a JSON object")
        if warnings := act(desk, client, message):
            _complain(desk, client, message, " ".join(warnings))
    except ValidationError as error:
        _complain(desk, client, message, sentence(error))
    except (JsonError, ShowError) as error:
        _complain(desk, client, message, str(error))


def act(desk: Desk, client: str, message: dict[str, Any]) -> list[str]:
    """Do what a message asks for; a sentence for each thing in it that has no effect in this host.

    Raises:
        ShowError: it cannot be done.
        ValidationError: it does not have the form of a message.
    """
    performance = desk.performance
    if message.keys() & PERFORMANCE:
        performance.act(message, client)
        return []
    if message.keys() & _OWN:
        _act_on_stage(performance, client, StageMessage.model_validate(message))
        return []
    _act_on_source(desk, client, message)
    _act_on_stages(performance, client, message)
    _act_on_outputs(desk, message)
    return _act_on_tempo(performance.show, client, message)


def original_sinks(message: Mapping[str, Any]) -> dict[str, Any]:
    """The sinks of a message of the original host, by kind; `spout_sender` is the older name of one.

    >>> original_sinks({"spout_sender": {"enabled": True, "name": "Scope"}})
    {'spout': {'enabled': True, 'name': 'Scope'}}
    """
    sender, sinks = message.get("spout_sender"), message.get("output_sinks")
    if not isinstance(sinks, dict | None):
        raise ShowError(f"output_sinks: expected an object, got {sinks!r}")
    return ({} if sender is None else {"spout": sender}) | (sinks or {})


def original_source(given: Any) -> dict[str, Any] | None:
    """The source that an `input_source` of the original host means; None if it asks for none.

    Raises:
        ShowError: one of a kind that this host cannot read.

    >>> original_source({"enabled": True, "source_type": "ndi", "source_name": "Desk"})["path"]
    'ndi://Desk'
    """
    if not isinstance(given, dict) or not given.get("enabled", True):
        return None
    kind, name = given.get("source_type"), given.get("source_name")
    if kind in ("spout", "syphon"):
        raise ShowError(f"{kind} is a way out of this host, not in: send the pictures by NDI, or share the window")
    if not isinstance(name, str) or not name:
        return None
    if kind == "video_file":
        return Source(kind="file", path=name).model_dump(mode="json")
    if kind == "ndi":
        return Source(kind="stream", path=f"ndi://{name}").model_dump(mode="json")
    return None


def _act_on_tempo(show: Show, client: str, message: Mapping[str, Any]) -> list[str]:
    """What switches waits for the beat as `quantize_mode` says; of the rest that belongs to tempo there is none here."""
    warnings = [
        f"{name}: {told} here, so {message[name]!r} has no effect."
        for name, told in _WITHOUT_EFFECT.items()
        if message.get(name) not in _NEUTRAL
    ]
    mode, tempo = message.get("quantize_mode"), show.document.now["tempo"]
    quantize = _QUANTIZE.get(mode) if isinstance(mode, str) else None
    if mode is not None and quantize is None:
        known = ", ".join(_QUANTIZE)
        warnings.append(f"quantize_mode: expected one of {known}, got {mode!r}; it stays {tempo['quantize']!r}.")
    elif quantize is not None and quantize != tempo["quantize"]:
        show.edit({"tempo": tempo | {"quantize": quantize}}, client, "quantize")
    return warnings


def _act_on_stage(performance: Performance, client: str, message: StageMessage) -> None:
    if message.set:
        performance.quantized.set_values(message.stage, message.set, client, n=message.n, gesture=message.gesture)
    if message.unset:
        performance.quantized.unset_values(message.stage, message.unset, client, message.gesture)


def _act_on_source(desk: Desk, client: str, message: Mapping[str, Any]) -> None:
    given, receiver = message.get("input_source"), message.get("spout_receiver")
    if isinstance(receiver, dict) and receiver.get("enabled"):
        given = {"source_type": "spout"}
    if (source := original_source(given)) is not None:
        desk.performance.show.edit({"source": source}, client, "source")


def _act_on_stages(performance: Performance, client: str, message: Mapping[str, Any]) -> None:
    """The original host's flat form: values for the stage that is named, or for every one that has the field."""
    show, quantized = performance.show, performance.quantized
    values = {name: value for name, value in message.items() if name not in _IGNORED}
    stage = _addressed(show, message)
    if (paused := _switch(values, "paused")) is not None:
        show.pause(paused)
    if _switch(values, "reset_cache"):
        show.reset(stage)
    if "prompts" in values and stage is None:
        quantized.set_prompts(values.pop("prompts"), values.pop("transition", None), client, message.get("gesture"))
    if values and stage is None:
        quantized.set_everywhere(values, client, _number(message))
    elif values:
        quantized.set_values(str(stage), values, client, n=_number(message))


def _addressed(show: Show, message: Mapping[str, Any]) -> str | None:
    """The stage that a message names, by its id or by that of its node in the client's graph."""
    name = message.get("stage", message.get("node_id"))
    known = name is not None and show.document.stage(stage_id_of(str(name))) is not None
    return stage_id_of(str(name)) if known else name


def _switch(values: dict[str, Any], name: str) -> bool | None:
    """Take a value out that is on, off or not there."""
    value = values.pop(name, None)
    if not isinstance(value, bool | None):
        raise ShowError(f"{name}: expected true or false, got {value!r}")
    return value


def _act_on_outputs(desk: Desk, message: Mapping[str, Any]) -> None:
    if message.get("recording") is True and desk.recorder.state is None:
        try:
            desk.recorder.start()
        except RecorderError as error:
            raise ShowError(str(error)) from error
    if sinks := original_sinks(message):
        desk.sinks.switch(sinks)


def _number(message: Mapping[str, Any]) -> int:
    n = message.get("n", 0)
    return n if isinstance(n, int) and not isinstance(n, bool) else 0


def _complain(desk: Desk, client: str, message: Any, text: str) -> None:
    """Tell the client, or the log where it has no socket on which it could be told."""
    n = message.get("n") if isinstance(message, dict) else None
    if not desk.performance.show.clients.tell(client, {"error": text, "n": n if isinstance(n, int) else None}):
        log.warning("%s: %s", client, text)
