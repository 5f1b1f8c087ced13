"""Files to frames and frames to files.

`open_source` reads, `open_sink` writes, `contact_sheet` lays pictures out, `sample_clip` is footage to try things on,
and `MediaError` is one clear sentence about a file.
"""

from scope.media.contact_sheet import contact_sheet
from scope.media.errors import MediaError
from scope.media.sample import sample_clip
from scope.media.sink import Sink
from scope.media.sinks import open_sink
from scope.media.source import Picture, Source
from scope.media.sources import open_source

__all__ = ["MediaError", "Picture", "Sink", "Source", "contact_sheet", "open_sink", "open_source", "sample_clip"]
