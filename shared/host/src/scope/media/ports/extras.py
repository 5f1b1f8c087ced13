"""NDI, virtual camera, Spout and Syphon: thin layers over libraries that are imported only here, when they are used.

Each is an extra of the package, or a library of one system; `PortKind.missing` says so before it comes to this.
"""

import time
from collections.abc import Iterator
from importlib import import_module
from threading import Lock
from typing import Any

import numpy as np

from scope.media.live_sound import CHANNELS, LIVE_RATE, silence
from scope.media.ports.port import Hear, PortError, unheard

_FIND_SECONDS = 5.0
# Samples that are sent at once. Of blocks that differ in length cyndilib 0.1 sends the right channel from the wrong place.
_BLOCK = LIVE_RATE // 50
# After the first source others follow within this.
_SETTLE_SECONDS = 0.5
# Sound that has not come for so long is missing, and what comes then is not moved to its place.
_LATE_SECONDS = 0.1
_IMPORTING = Lock()


def _library(name: str) -> Any:
    # Modules of a package that import each other fail when two ports import them at once.
    with _IMPORTING:
        return import_module(name)


class NdiOut:
    """An NDI source on the local network (cyndilib; NDI is a trademark of Vizrt)."""

    def __init__(self, address: str, name: str) -> None:
        # The show has a clock of its own: NDI's would hold up the thread that gives pictures and sound in turn.
        self._sender: Any = _library("cyndilib.sender").Sender(name or "Scope", clock_video=False, clock_audio=False)
        self._frame: Any = None
        self._size = (0, 0)
        self._unsent = silence(0)

    def put(self, pixels: np.ndarray, seconds: float) -> None:
        """See OutPort."""
        size = (pixels.shape[1], pixels.shape[0])
        if size != self._size:
            self._open(size)
        rgba = np.dstack([pixels, np.full(pixels.shape[:2], 255, np.uint8)])
        self._sender.write_video_async(np.ascontiguousarray(rgba).reshape(-1))

    def hear(self, samples: np.ndarray, seconds: float) -> None:
        """See OutPort; sound before the first picture is left out."""
        if self._frame is None:
            return
        self._unsent = np.concatenate([self._unsent, samples], axis=1)
        while self._unsent.shape[1] >= _BLOCK:
            self._sender.write_audio(np.ascontiguousarray(self._unsent[:, :_BLOCK]))
            self._unsent = self._unsent[:, _BLOCK:]

    def close(self) -> None:
        """Leave the network."""
        self._sender.close()

    def _open(self, size: tuple[int, int]) -> None:
        formats = _library("cyndilib.wrapper.ndi_structs").FourCC
        if self._frame is not None:
            self._sender.close()
        self._frame = _library("cyndilib.video_frame").VideoSendFrame()
        self._frame.set_resolution(*size)
        self._frame.set_frame_rate(30)
        self._frame.set_fourcc(formats.RGBA)
        self._sender.set_video_frame(self._frame)
        self._sender.set_audio_frame(_stereo(_library("cyndilib.audio_frame").AudioSendFrame(_BLOCK)))
        self._sender.open()
        self._size = size


def _stereo(frame: Any) -> Any:
    frame.sample_rate, frame.num_channels = LIVE_RATE, CHANNELS
    return frame


def ndi_names(seconds: float) -> list[str]:
    """The NDI sources of the local network: those there are when the first has been found, within so many seconds."""
    finder = _library("cyndilib.finder").Finder()
    finder.open()
    try:
        if finder.wait_for_sources(seconds):
            finder.wait_for_sources(_SETTLE_SECONDS)
        return sorted(str(source.name) for source in finder.iter_sources())
    finally:
        finder.close()


class NdiIn:
    """An NDI source of the local network, by its name, with its sound."""

    is_film = False

    def __init__(self, address: str, name: str = "") -> None:
        kinds = _library("cyndilib.wrapper.ndi_recv")
        self._finder: Any = _library("cyndilib.finder").Finder()
        self._finder.open()
        end, source = time.monotonic() + _FIND_SECONDS, self._named(address)
        while source is None and time.monotonic() < end:
            # It returns with the first source that appears, whichever that is.
            self._finder.wait_for_sources(0.5)
            source = self._named(address)
        if source is None:
            found = ", ".join(str(s.name) for s in self._finder.iter_sources()) or "none"
            self._finder.close()
            raise PortError(f"no NDI source is called {address!r} (found: {found})")
        self._receiver: Any = _library("cyndilib.receiver").Receiver(
            color_format=kinds.RecvColorFormat.RGBX_RGBA, bandwidth=kinds.RecvBandwidth.highest
        )
        self._frame: Any = _library("cyndilib.video_frame").VideoFrameSync()
        self._sound: Any = _stereo(_library("cyndilib.audio_frame").AudioFrameSync())
        self._receiver.frame_sync.set_video_frame(self._frame)
        self._receiver.frame_sync.set_audio_frame(self._sound)
        self._receiver.set_source(source)
        self._ended = False

    def _named(self, address: str) -> Any:
        return next((source for source in self._finder.iter_sources() if address in str(source.name)), None)

    def pictures(self, hear: Hear = unheard, *, loop: bool = True) -> Iterator[np.ndarray]:
        """See InPort; thirty a second, repeated where the source is slower."""
        heard = time.monotonic()
        while not self._ended:
            heard = self._hear(hear, heard)
            self._receiver.frame_sync.capture_video()
            width, height = self._frame.xres, self._frame.yres
            if width and height:
                yield np.array(self._frame.get_array()).reshape(height, width, 4)[..., :3].copy()
            time.sleep(1 / 30)
        self._receiver.disconnect()
        self._finder.close()

    def _hear(self, hear: Hear, until: float) -> float:
        """Hand on the sound since `until`, as far as it has come; until when that is. NDI fits it to this machine's clock."""
        now = time.monotonic()
        # Not `capture_available_audio`: that asks for what it was given before once more.
        count = self._receiver.frame_sync.capture_audio(int((now - until) * LIVE_RATE))
        if not count:
            return max(until, now - _LATE_SECONDS)
        hear(self._sound.get_array(), until)
        return until + count / LIVE_RATE

    def close(self) -> None:
        self._ended = True


class CameraOut:
    """A virtual camera that video calls and OBS can open (pyvirtualcam; v4l2loopback on Linux, OBS elsewhere)."""

    def __init__(self, address: str, name: str = "") -> None:
        self._device = address or None
        self._camera: Any = None

    def put(self, pixels: np.ndarray, seconds: float) -> None:
        """See OutPort; a picture of another size is cut or padded to the first one's, for cameras keep theirs."""
        if self._camera is None:
            height, width = pixels.shape[0] // 2 * 2, pixels.shape[1] // 2 * 2
            try:
                self._camera = _library("pyvirtualcam").Camera(width, height, 30, device=self._device)
            except RuntimeError as error:
                raise PortError(f"no virtual camera: {error}") from error
        canvas = np.zeros((self._camera.height, self._camera.width, 3), np.uint8)
        height, width = min(pixels.shape[0], canvas.shape[0]), min(pixels.shape[1], canvas.shape[1])
        canvas[:height, :width] = pixels[:height, :width]
        self._camera.send(canvas)

    def hear(self, samples: np.ndarray, seconds: float) -> None:
        """A camera has no sound."""

    def close(self) -> None:
        if self._camera is not None:
            self._camera.close()


class SpoutOut:
    """A Spout sender: textures shared with other programs on Windows (SpoutGL)."""

    def __init__(self, address: str, name: str) -> None:
        self._sender: Any = _library("SpoutGL").SpoutSender()
        self._sender.setSenderName(name or "Scope")

    def put(self, pixels: np.ndarray, seconds: float) -> None:
        """See OutPort."""
        height, width = pixels.shape[:2]
        rgba = np.ascontiguousarray(np.dstack([pixels, np.full((height, width), 255, np.uint8)]))
        rgba_format = 0x1908  # GL_RGBA
        if not self._sender.sendImage(rgba, width, height, rgba_format, False, 0):
            raise PortError("Spout did not take the picture: this machine has no OpenGL or DirectX that it can use")

    def hear(self, samples: np.ndarray, seconds: float) -> None:
        """A texture has no sound."""

    def close(self) -> None:
        self._sender.releaseSender()


class SyphonOut:
    """A Syphon server: textures shared with other programs on macOS (syphon-python)."""

    def __init__(self, address: str, name: str) -> None:
        self._server: Any = _library("syphon").SyphonMetalServer(name or "Scope")
        self._texture: Any = None
        self._size = (0, 0)

    def put(self, pixels: np.ndarray, seconds: float) -> None:
        """See OutPort."""
        height, width = pixels.shape[:2]
        if (width, height) != self._size:
            self._texture = _library("syphon.utils.raw").create_mtl_texture(self._server.device, width, height)
            self._size = (width, height)
        rgba = np.ascontiguousarray(np.dstack([pixels, np.full((height, width), 255, np.uint8)]))
        _library("syphon.utils.numpy").copy_image_to_mtl_texture(rgba, self._texture)
        self._server.publish_frame_texture(self._texture)

    def hear(self, samples: np.ndarray, seconds: float) -> None:
        """A texture has no sound."""

    def close(self) -> None:
        self._server.stop()
