"""What a Scope host brings along, so that no plugin may ask for it."""

PROVIDED = frozenset(
    {
        "accelerate",
        "av",
        "diffusers",
        "einops",
        "fastapi",
        "huggingface-hub",
        "numpy",
        "peft",
        "pillow",
        "pluggy",
        "pydantic",
        "safetensors",
        "torch",
        "torchao",
        "torchvision",
        "transformers",
    }
)
"""Distributions that the original host and the embedded one both install. A plugin that asks for one of them could
make the host's resolver change the version it runs on."""

HOSTS = frozenset({"daydream-scope", "scope-host"})
"""Distributions that own the import package `scope`: installing a second one overwrites the host itself."""

UNPUBLISHED = frozenset({"scope-gpu", "scope-testkit", "scope-release"})
"""Distributions of this repository that a plugin has inside its wheel or needs for its tests only."""
