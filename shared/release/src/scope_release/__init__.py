"""What builds, checks and releases the packages of this repository.

The build hook (`shared/release/hatch_build.py`) imports `checkout`, `rules` and `vendor` inside an isolated build
environment, so these use only the standard library and `packaging`, which hatchling brings along.
"""
