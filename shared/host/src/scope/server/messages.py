"""What clients say about the show, over a control socket or a data channel: read, checked and done."""

from typing import Annotated, Any

from pydantic import BaseModel, ConfigDict, Field, ValidationError

from scope.control.explain import sentence
from scope.control.setup import Source
from scope.control.strict_json import JsonError, read_json
from scope.server.edits import ShowError
from scope.server.performance import KEYS as PERFORMANCE
from scope.server.performance import Performance
from scope.server.show import Show

# Names by which a message is ours; without any of them it is the original host's flat form.
_OWN = frozenset({"set", "unset"})
# What the original host's clients send beside values; the show has no use for it.
_IGNORED = frozenset(
    {
        "beat_cache_reset_rate",
        "gesture",
        "input_source",
        "lookahead_ms",
        "n",
        "node_id",
        "produces_audio",
        "produces_video",
        "quantize_mode",
        "recording",
        "spout_receiver",
        "spout_sender",
        "stage",
    }
)
_MAX_TOLD = 2**53


class StageMessage(BaseModel):
    """Values for one stage, as a group."""

    model_config = ConfigDict(extra="forbid", strict=True)

    stage: Annotated[str, Field(max_length=64)]
    set: Annotated[dict[str, Any], Field(max_length=500)] = Field(default_factory=dict)
    unset: Annotated[list[str], Field(max_length=500)] = Field(default_factory=list)
    gesture: Annotated[str | None, Field(max_length=100)] = None
    n: Annotated[int, Field(ge=0, le=_MAX_TOLD)] = 0


def hear(performance: Performance, client: str, text: str | bytes) -> None:
    """Act on one message; what is wrong with it, the client is told, and nothing else happens."""
    message: Any = None
    try:
        message = read_json(text)
        if not isinstance(message, dict):
            raise ShowError("expected a JSON object")
        act(performance, client, message)
    except ValidationError as error:
        _complain(performance.show, client, message, sentence(error))
    except (JsonError, ShowError) as error:
        _complain(performance.show, client, message, str(error))


def act(performance: Performance, client: str, message: dict[str, Any]) -> None:
    """Do what a message asks for.

    Raises:
        ShowError: it cannot be done.
        ValidationError: it does not have the form of a message.
    """
    show = performance.show
    if message.keys() & PERFORMANCE:
        performance.act(message, client)
        return
    if message.keys() & _OWN:
        _act_on_stage(performance, client, StageMessage.model_validate(message))
        return
    if (source := original_source(message.get("input_source"))) is not None:
        show.edit({"source": source}, client, "source")
    values = {name: value for name, value in message.items() if name not in _IGNORED}
    stage = message.get("stage", message.get("node_id"))
    if "paused" in values:
        show.pause(bool(values.pop("paused")))
    if values.pop("reset_cache", False):
        show.reset(stage)
    if "prompts" in values and stage is None:
        performance.quantized.set_prompts(
            values.pop("prompts"), values.pop("transition", None), client, message.get("gesture")
        )
    if values and stage is None:
        performance.quantized.set_everywhere(values, client, _number(message))
    elif values:
        performance.quantized.set_values(str(stage), values, client, n=_number(message))


def original_source(given: Any) -> dict[str, Any] | None:
    """The source that an `input_source` of the original host means; None if it asks for none that is here.

    >>> original_source({"enabled": True, "source_type": "ndi", "source_name": "Desk"})["path"]
    'ndi://Desk'
    """
    name = given.get("source_name") if isinstance(given, dict) and given.get("enabled", True) else None
    if not isinstance(name, str) or not name:
        return None
    if given.get("source_type") == "video_file":
        return Source(kind="file", path=name).model_dump(mode="json")
    if given.get("source_type") == "ndi":
        return Source(kind="stream", path=f"ndi://{name}").model_dump(mode="json")
    return None


def _act_on_stage(performance: Performance, client: str, message: StageMessage) -> None:
    if message.set:
        performance.quantized.set_values(message.stage, message.set, client, n=message.n, gesture=message.gesture)
    if message.unset:
        performance.quantized.unset_values(message.stage, message.unset, client, message.gesture)


def _number(message: dict[str, Any]) -> int:
    n = message.get("n", 0)
    return n if isinstance(n, int) and not isinstance(n, bool) else 0


def _complain(show: Show, client: str, message: Any, text: str) -> None:
    n = message.get("n") if isinstance(message, dict) else None
    show.clients.tell(client, {"error": text, "n": n if isinstance(n, int) else None})
