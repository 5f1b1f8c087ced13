"""What plays when nobody has said what: the sample clip through one effect."""

from scope.control.setup import Setup, Source, Stage


def first_setup() -> Setup:
    """A look of `fx`, neon contours with trails, over film footage: seen at once to be live, and light enough for a laptop."""
    return Setup(
        name="First light",
        source=Source(kind="sample"),
        stages=[Stage(id="fx", pipeline="fx", values={"fx_look": "neon"})],
    )
