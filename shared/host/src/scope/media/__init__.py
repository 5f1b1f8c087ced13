"""Files to frames and frames to files.

`open_source` reads, `open_sink` writes, `contact_sheet` lays pictures out, `sample_clip` and `sample_portrait` are footage to
try things on, and `MediaError` is one clear sentence about a file. The names are looked up when they are used: what works on
tensors imports torch, and a server uses the rest of this room without it.
"""

from importlib import import_module
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from scope.media.errors import MediaError
    from scope.media.sample import sample_clip, sample_portrait
    from scope.media.sheet import contact_sheet
    from scope.media.sink import Sink
    from scope.media.sinks import open_sink, open_sound_sink
    from scope.media.source import Picture, Source
    from scope.media.sources import open_source

_HOMES = {
    "MediaError": "errors",
    "Picture": "source",
    "Sink": "sink",
    "Source": "source",
    "contact_sheet": "sheet",
    "open_sink": "sinks",
    "open_sound_sink": "sinks",
    "open_source": "sources",
    "sample_clip": "sample",
    "sample_portrait": "sample",
}

__all__ = [
    "MediaError",
    "Picture",
    "Sink",
    "Source",
    "contact_sheet",
    "open_sink",
    "open_sound_sink",
    "open_source",
    "sample_clip",
    "sample_portrait",
]


def __getattr__(name: str) -> Any:
    if name not in _HOMES:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    return getattr(import_module(f"{__name__}.{_HOMES[name]}"), name)
