"""WebRTC: the show for clients elsewhere, and the camera of clients as its source. The encoders are those of the view."""


class PeerError(ValueError):
    """An offer or a candidate that cannot be used, in one sentence."""
