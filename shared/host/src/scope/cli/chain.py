"""From what a person asks for to stages that are ready to run."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from scope.cli.console import UserError
from scope.core.pipelines.base_schema import BasePipelineConfig
from scope.core.pipelines.interface import Pipeline
from scope.core.pipelines.registry import Registry
from scope.models import missing_files
from scope.runtime.build import construct
from scope.runtime.faults import PipelineError
from scope.runtime.mailbox import Setting
from scope.runtime.offline import Session
from scope.runtime.settings import checked_setting
from scope.runtime.stage import Conditions, Stage


@dataclass(frozen=True)
class Chain:
    """Pipeline ids in order of flow; `main` is the index of the main one."""

    ids: Sequence[str]
    main: int
    mode: str
    configs: Sequence[type[BasePipelineConfig]]

    @classmethod
    def of(
        cls,
        registry: Registry,
        main: str,
        pre: Sequence[str],
        post: Sequence[str],
        mode: str | None,
        *,
        source: bool,
    ) -> "Chain":
        """Look the pipelines up and settle the mode: the one asked for, else what the presence of a source suggests."""
        ids = [*pre, main, *post]
        configs = [registry.config(pipeline_id) for pipeline_id in ids]
        chain = cls(ids, len(pre), _mode(configs[len(pre)], mode, source), configs)
        chain._check(source)
        return chain

    def _check(self, source: bool) -> None:
        main = self.ids[self.main]
        if self.mode == "video" and not source:
            raise UserError(f"{main} in video mode needs a picture to work on; give --input FILE")
        if self.mode == "text" and source:
            raise UserError(f"{main} in text mode takes no input; leave --input away or choose --mode video")
        if self.mode == "text" and self.main > 0:
            raise UserError(f"a preprocessor needs a picture, and {main} in text mode has none; leave --pre away")
        for pipeline_id, config in zip(self.ids, self.configs, strict=True):
            if pipeline_id != main and "video" not in config.modes:
                raise UserError(f"{pipeline_id} has no video mode, so it cannot stand before or after another pipeline")

    def owner(self, text: str) -> tuple[int, str, str]:
        """Which stage `[ID.]name=value` means, and its two halves. Without an id: the main one if it has the name.

        Raises:
            UserError: no `=`, no such stage, or several stages that have the name.
        """
        name, equals, value = text.partition("=")
        if not equals or not name:
            raise UserError(f"expected a parameter as name=value or ID.name=value, got {text!r}")
        prefix, dot, rest = name.rpartition(".")
        if dot:
            return self._index(prefix), rest, value
        having = [i for i, config in enumerate(self.configs) if name in config.model_fields]
        if self.main in having or not having:
            return self.main, name, value
        if len(having) > 1:
            owners = " or ".join(f"{self.ids[i]}.{name}" for i in having)
            raise UserError(f"several pipelines have a parameter {name!r}; write {owners}")
        return having[0], name, value

    def _index(self, pipeline_id: str) -> int:
        if pipeline_id not in self.ids:
            raise UserError(f"no pipeline {pipeline_id!r} in this chain ({' > '.join(self.ids)})")
        return self.ids.index(pipeline_id)


@dataclass
class Parameters:
    """What each stage gets: load parameters, and runtime settings with their times."""

    chain: Chain
    load: list[dict[str, Any]] = field(init=False)
    settings: list[list[Setting]] = field(init=False)

    def __post_init__(self) -> None:
        defaults = [config.modes.get(self.chain.mode) for config in self.chain.configs]
        self.load = [d.model_dump(exclude={"default"}, exclude_none=True) if d else {} for d in defaults]
        for load, config in zip(self.load, self.chain.configs, strict=True):
            for name in load.keys() - config.model_fields.keys():
                del load[name]
        self.settings = [[] for _ in self.chain.ids]

    def add_load(self, text: str) -> None:
        """`[ID.]name=value` as a load parameter."""
        index, name, value = self.chain.owner(text)
        self.load[index][name] = checked_setting(self.chain.configs[index], name, value, load=True)

    def add_setting(self, text: str, time: float = 0.0) -> None:
        """`[ID.]name=value` as a runtime parameter from `time` seconds on."""
        index, name, value = self.chain.owner(text)
        self.settings[index].append(Setting(time, name, checked_setting(self.chain.configs[index], name, value)))

    def add_everywhere(self, values: Mapping[str, Any]) -> None:
        """Load parameters for every stage that has them."""
        for load, config in zip(self.load, self.chain.configs, strict=True):
            load.update({name: value for name, value in values.items() if name in config.model_fields})

    def add_prompt(self, prompt: str) -> None:
        """A prompt for the main pipeline, in both ways that pipelines read it."""
        config = self.chain.configs[self.chain.main]
        if not config.supports_prompts:
            raise UserError(f"{config.pipeline_id} takes no prompt; leave --prompt away")
        values = {"prompt": prompt, "prompts": [{"text": prompt, "weight": 1.0}]}
        self.settings[self.chain.main] += [Setting(0.0, name, value) for name, value in values.items()]


def build_session(registry: Registry, parameters: Parameters, conditions: Conditions) -> Session:
    """Construct every pipeline of the chain.

    Raises:
        PipelineError: a constructor failed.
        UserError: likewise, and model files that the pipeline declares are missing.
    """
    chain = parameters.chain
    return Session(
        [
            Stage(
                _loaded(registry.get(pipeline_id), parameters.load[i]),
                conditions,
                mode=chain.mode if i == chain.main else "video",
                settings=parameters.settings[i],
            )
            for i, pipeline_id in enumerate(chain.ids)
        ]
    )


def _mode(config: type[BasePipelineConfig], asked: str | None, source: bool) -> str:
    modes = config.get_supported_modes()
    if asked is not None and asked not in modes:
        raise UserError(f"{config.pipeline_id} has no mode {asked!r}; it has {' and '.join(modes)}")
    if asked is not None:
        return asked
    suggested = "video" if source else "text"
    return suggested if suggested in modes else config.get_default_mode()


def _loaded(pipeline_class: type[Pipeline], load: Mapping[str, Any]) -> Pipeline:
    """The pipeline, or the reason why not, with the model files that it may lack."""
    try:
        return construct(pipeline_class, load)
    except PipelineError as error:
        missing = missing_files(pipeline_class.get_config_class())
        if not missing:
            raise
        more = f" and {len(missing) - 3} more" if len(missing) > 3 else ""
        raise UserError(f"{error}. Model files are missing: {', '.join(map(str, missing[:3]))}{more}") from error
