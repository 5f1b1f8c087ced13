"""A plugin's name in all the forms in which it is needed."""

import re
from dataclasses import dataclass

_SHAPE = re.compile(r"[a-z][a-z0-9]*(-[a-z0-9]+)*")
# Longer ones break the lines of the code that carries them.
_LONGEST = 32
# Distributions of this repository that are no plugins, and pipeline ids that are out in the world.
_TAKEN = frozenset({"gpu", "host", "testkit", "release", "core", "invert", "gray", "vfx-pack", "kaleido-scope"})


class BadNameError(ValueError):
    """A name that no plugin can have; the message says what was expected."""


@dataclass(frozen=True)
class Names:
    """`scope-light-leak`, `scope_light_leak`, `light-leak`, `light_leak`, `LightLeak`, `Light Leak`."""

    dist: str
    package: str
    pipeline_id: str
    field: str
    prefix: str
    title: str


def names_from(text: str) -> Names:
    """Every form of a name, given with or without `scope-` before it.

    Raises:
        BadNameError: it is not made of lowercase words joined by hyphens, or taken.
    """
    stem = text.removeprefix("scope-")
    if not _SHAPE.fullmatch(stem) or len(stem) > _LONGEST:
        raise BadNameError(
            f"expected a name of at most {_LONGEST} lowercase letters, digits and hyphens such as 'light-leak', got {text!r}"
        )
    if stem in _TAKEN:
        raise BadNameError(
            f"the name {text!r} is taken, and two pipelines of one id replace each other; choose another"
        )
    words = stem.split("-")
    return Names(
        dist=f"scope-{stem}",
        package=f"scope_{'_'.join(words)}",
        pipeline_id=stem,
        field="_".join(words),
        prefix="".join(word.capitalize() for word in words),
        title=" ".join(word.capitalize() for word in words),
    )
