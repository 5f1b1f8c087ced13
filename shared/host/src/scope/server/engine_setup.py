"""What of the set-up document the engine is told."""

from collections.abc import Mapping
from typing import Any

from scope.server.paths import absolute, check_paths, confined

Json = dict[str, Any]

# Names, mappings and scenes are the server's own business.
_PLAYED = ("scope", "prompts", "transition", "tempo", "modulation")


class EngineSetup:
    """Keeps the load parameters in force: those in the document wait until the stage is loaded again."""

    def __init__(self) -> None:
        self._loaded: dict[str, tuple[str, Json]] = {}

    @property
    def loaded(self) -> dict[str, Json]:
        """Stage id → the load parameters in force."""
        return {stage_id: load for stage_id, (_, load) in self._loaded.items()}

    def reload(self, stage: Json) -> Json:
        """Put the stage's own load parameters in force; returns them as the engine takes them."""
        self._loaded[stage["id"]] = stage["pipeline"], stage["load"]
        return absolute(stage["load"])

    def forget(self) -> None:
        """Everything is to be loaded with what the document says."""
        self._loaded.clear()

    def of(self, document: Json, moving: Mapping[str, Json]) -> Json:
        """The document for the engine: with the values that fades are at, and files by their full names."""
        self._loaded = {stage["id"]: self._in_force(stage) for stage in document["stages"]}
        stages = [self._stage(stage, moving.get(stage["id"], {})) for stage in document["stages"]]
        return {key: document[key] for key in _PLAYED} | {"source": _source(document["source"]), "stages": stages}

    def _in_force(self, stage: Json) -> tuple[str, Json]:
        known = self._loaded.get(stage["id"])
        return known if known and known[0] == stage["pipeline"] else (stage["pipeline"], stage["load"])

    def _stage(self, stage: Json, moving: Json) -> Json:
        load = self._loaded[stage["id"]][1]
        return stage | {"load": absolute(load), "values": absolute(stage["values"] | moving)}


def check_files(document: Json) -> None:
    """Refuse a document that names files outside the folders for them.

    Raises:
        ForbiddenPathError: it does.
    """
    for stage in document["stages"]:
        check_paths(stage["values"])
        check_paths(stage["load"])
    for scene in document["scenes"]:
        for values in scene["values"].values():
            check_paths(values)
    _source(document["source"])


def _source(source: Json) -> Json:
    """The source with its file's full name."""
    path = source["path"]
    return source | {"path": str(confined(path, "source.path"))} if source["kind"] == "file" and path else source
