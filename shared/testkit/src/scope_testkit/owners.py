"""Which installed plugin registers which pipeline id, asked in a process of its own: other plugins may crash it."""

import functools
import json
import subprocess
import sys
from collections.abc import Iterable
from importlib import metadata
from typing import NamedTuple

from packaging.utils import canonicalize_name

from scope_testkit.checks import packaging

_SECONDS = 120


class Owner(NamedTuple):
    """A pipeline id, the distribution that registers it, and the package which that is loaded from."""

    pipeline_id: str
    dist: str
    package: str


@functools.cache
def installed_owners() -> tuple[Owner, ...]:
    """The owners of all ids in this environment; plugins that cannot be loaded have none. Asked once a process."""
    command = [sys.executable, "-m", "scope_testkit.owners"]
    try:
        done = subprocess.run(command, capture_output=True, text=True, timeout=_SECONDS, check=False)
    except subprocess.TimeoutExpired:
        return ()
    if done.returncode != 0 or not done.stdout.strip():
        return ()
    return tuple(Owner(*row) for row in json.loads(done.stdout.splitlines()[-1]))


def taken(owners: Iterable[Owner], dist: str, package: str) -> dict[str, str]:
    """The ids that belong to others than this plugin, under whatever names that is installed, with their owners."""
    own = canonicalize_name(dist)
    return {o.pipeline_id: o.dist for o in owners if canonicalize_name(o.dist) != own and o.package != package}


def _loaded() -> list[Owner]:
    found = []
    for distribution in metadata.distributions():
        points = packaging.entry_points(distribution)
        if len(points) == 1:
            pipelines = packaging.registered(points[0]).pipelines
            ids = [pipeline.get_config_class().pipeline_id for pipeline in pipelines]
            found += [Owner(i, distribution.name, points[0].module.split(".")[0]) for i in ids]
    return found


if __name__ == "__main__":
    print(json.dumps(_loaded()))
