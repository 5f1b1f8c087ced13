"""The one error of this package."""


class ReleaseError(Exception):
    """What a person has to put right, said in one sentence."""
