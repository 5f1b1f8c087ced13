"""Names with a frame number in them, such as `name_%04d.png`."""

import re
from pathlib import Path
from typing import NamedTuple, Self

_NUMBER = re.compile(r"%0?(\d*)d")


class Numbered(NamedTuple):
    """A family of files in one folder that differ in a number of at least `digits` digits."""

    folder: Path
    prefix: str
    digits: int
    suffix: str

    @classmethod
    def parse(cls, text: str) -> Self | None:
        """The family that a path with one `%d` or `%04d` in its last part names, else None."""
        path = Path(text)
        found = _NUMBER.search(path.name)
        if found is None:
            return None
        digits = int(found[1] or 1)
        return cls(path.parent, path.name[: found.start()], digits, path.name[found.end() :])

    @classmethod
    def in_folder(cls, folder: Path) -> Self:
        """The family that frames go by in a folder of their own."""
        return cls(folder, "frame_", 6, ".png")

    def __str__(self) -> str:
        return str(self.folder / f"{self.prefix}%0{self.digits}d{self.suffix}")

    def name(self, number: int) -> str:
        """The file name with that number, without the folder."""
        return f"{self.prefix}{number:0{self.digits}d}{self.suffix}"

    def files(self) -> list[Path]:
        """The files of the family that are there, by number; gaps are passed over."""
        pattern = re.compile(rf"{re.escape(self.prefix)}(\d{{{self.digits},}}){re.escape(self.suffix)}")
        if not self.folder.is_dir():
            return []
        matches = [(pattern.fullmatch(path.name), path) for path in self.folder.iterdir()]
        return [path for _, path in sorted((int(match[1]), path) for match, path in matches if match)]
