"""What plays when nobody has said what: the sample clip through one effect."""

from scope.control.setup import Setup, Source, Stage


def first_setup() -> Setup:
    """Neon contours with trails over film footage: seen at once to be live, and light enough for a laptop."""
    values = {"edge_glow": 0.85, "edge_glow_background": 0.35, "trails": 0.8, "trails_hue": 4.0, "vignette": 0.35}
    return Setup(
        name="First light", source=Source(kind="sample"), stages=[Stage(id="fx", pipeline="fx", values=values)]
    )
