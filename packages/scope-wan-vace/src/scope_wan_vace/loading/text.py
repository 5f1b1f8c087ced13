"""Prompts to embeddings: tokenise, encode the real tokens, pad with zeros, remember the last prompts."""

import html
import re
from collections import OrderedDict
from collections.abc import Iterable
from pathlib import Path
from typing import TYPE_CHECKING

import torch
from torch import Tensor

from scope_wan_vace.loading.checkpoint import WeightsError

if TYPE_CHECKING:
    from transformers import PreTrainedTokenizerBase, UMT5EncoderModel

TEXT_LENGTH = 512
_STRAIGHT_QUOTES = str.maketrans({"\u2018": "'", "\u2019": "'", "\u201c": '"', "\u201d": '"'})


def clean_prompt(text: str) -> str:
    """Resolve HTML entities, straighten quotes and collapse white space, as Wan's training captions were.

    >>> clean_prompt("  a cat&amp;amp;dog \\n  at “dusk” ")
    'a cat&dog at "dusk"'
    """
    text = html.unescape(html.unescape(text)).translate(_STRAIGHT_QUOTES)
    return re.sub(r"\s+", " ", text).strip()


class TextEncoder:
    """UMT5 behind a cache of the last prompts.

    Attributes:
        device: where results are returned.
        width: size of one token's embedding.
    """

    def __init__(
        self,
        model: "UMT5EncoderModel",
        tokenizer: "PreTrainedTokenizerBase",
        device: torch.device | str,
        low_vram: bool = False,
        remembered: int = 32,
    ):
        self.device = torch.device(device)
        self.width: int = model.config.d_model
        self._model, self._tokenizer = model, tokenizer
        self._low_vram, self._remembered = low_vram, remembered
        self._cache: OrderedDict[str, Tensor] = OrderedDict()

    @classmethod
    def from_files(
        cls,
        encoder_path: Path | str,
        tokenizer_dir: Path | str,
        device: torch.device | str = "cpu",
        dtype: torch.dtype = torch.bfloat16,
        low_vram: bool = False,
    ) -> "TextEncoder":
        """Load encoder and tokenizer.

        Args:
            encoder_path: `umt5-xxl-enc-fp8_e4m3fn.safetensors` or another UMT5 encoder under Wan's names.
            tokenizer_dir: the `google/umt5-xxl` folder of the Wan artifact.
            dtype: type of activations and results.
            low_vram: keep the weights in main memory, and lend them to `device` for new prompts only.

        Raises:
            WeightsError: a file is missing, damaged or of another model.
        """
        from scope_wan_vace.loading.umt5 import load_umt5

        tokenizer = load_tokenizer(Path(tokenizer_dir))
        model = load_umt5(encoder_path, "cpu" if low_vram else device, dtype)
        return cls(model, tokenizer, device, low_vram)

    def encode(self, texts: Iterable[str]) -> Tensor:
        """Embeddings of prompts, [n, 512, width], zero after each prompt's last token.

        Only new prompts run through the model, each by itself and without padding: that equals a padded batch
        under a mask. Tokens beyond 512 are cut off.
        """
        prompts = [clean_prompt(text) for text in texts]
        found = self._recall(prompts)
        result = torch.zeros(len(prompts), TEXT_LENGTH, self.width, device=self.device, dtype=self._model.dtype)
        for row, prompt in zip(result, prompts, strict=True):
            row[: len(found[prompt])] = found[prompt]
        return result

    def to(self, device: torch.device | str) -> "TextEncoder":
        """Move the weights; results still come to `self.device`."""
        self._model.to(device=torch.device(device))
        return self

    def _recall(self, prompts: list[str]) -> dict[str, Tensor]:
        new = [prompt for prompt in dict.fromkeys(prompts) if prompt not in self._cache]
        found = {prompt: self._cache[prompt] for prompt in prompts if prompt in self._cache}
        found |= self._compute(new) if new else {}
        for prompt in found:
            self._cache[prompt] = found[prompt]
            self._cache.move_to_end(prompt)
        while len(self._cache) > self._remembered:
            self._cache.popitem(last=False)
        return found

    def _compute(self, prompts: list[str]) -> dict[str, Tensor]:
        if not self._low_vram:
            return {prompt: self._run(prompt) for prompt in prompts}
        self.to(self.device)
        try:
            return {prompt: self._run(prompt) for prompt in prompts}
        finally:
            self.to("cpu")

    @torch.inference_mode()
    def _run(self, prompt: str) -> Tensor:
        tokens = self._tokenizer(prompt, truncation=True, max_length=TEXT_LENGTH, return_tensors="pt").input_ids
        return self._model(input_ids=tokens.to(self._model.device)).last_hidden_state[0].to(self.device)


def load_tokenizer(folder: Path) -> "PreTrainedTokenizerBase":
    """The fast tokenizer in `folder`, never the hub.

    Raises:
        WeightsError: there is no tokenizer, or a damaged one.
    """
    from transformers import AutoTokenizer

    if not (folder / "tokenizer.json").is_file():
        raise WeightsError(folder / "tokenizer.json", "is missing")
    try:
        return AutoTokenizer.from_pretrained(folder, local_files_only=True)
    # The tokenizers library raises bare Exception on a file that it cannot parse.
    except Exception as error:
        first_line = str(error).splitlines()[0]
        raise WeightsError(folder / "tokenizer.json", f"is no usable tokenizer ({first_line})") from error
