"""Keys and mouse as interactive pipelines (world models, games) receive them."""

import string
from dataclasses import dataclass, field

# Windows virtual-key codes by the browser's `KeyboardEvent.code`. Left and right modifiers share one code, as in
# `KeyboardEvent.keyCode`.
_WINDOWS_KEYCODES = {
    **{f"Key{letter}": ord(letter) for letter in string.ascii_uppercase},
    **{f"Digit{digit}": ord(digit) for digit in string.digits},
    **{f"Numpad{digit}": 0x60 + int(digit) for digit in string.digits},
    **{f"F{number}": 0x6F + number for number in range(1, 13)},
    **dict.fromkeys(("ShiftLeft", "ShiftRight"), 0x10),
    **dict.fromkeys(("ControlLeft", "ControlRight"), 0x11),
    **dict.fromkeys(("AltLeft", "AltRight"), 0x12),
    **{"MouseLeft": 0x01, "MouseRight": 0x02, "MouseMiddle": 0x04},
    **{"Backspace": 0x08, "Tab": 0x09, "Enter": 0x0D, "NumpadEnter": 0x0D, "CapsLock": 0x14, "Escape": 0x1B},
    **{"Space": 0x20, "PageUp": 0x21, "PageDown": 0x22, "End": 0x23, "Home": 0x24},
    **{"ArrowLeft": 0x25, "ArrowUp": 0x26, "ArrowRight": 0x27, "ArrowDown": 0x28},
    **{"Insert": 0x2D, "Delete": 0x2E, "MetaLeft": 0x5B, "MetaRight": 0x5C},
    **{"Semicolon": 0xBA, "Equal": 0xBB, "Comma": 0xBC, "Minus": 0xBD, "Period": 0xBE, "Slash": 0xBF},
    **{"Backquote": 0xC0, "BracketLeft": 0xDB, "Backslash": 0xDC, "BracketRight": 0xDD, "Quote": 0xDE},
}


@dataclass
class CtrlInput:
    """What is pressed and how far the mouse moved since the last call.

    `button`: pressed keys by their browser code (`KeyW`, `Space`, …); `mouse`: (x, y), right and down are positive.
    """

    button: set[str] = field(default_factory=set)
    mouse: tuple[float, float] = (0.0, 0.0)


def convert_to_win_keycodes(ctrl_input: CtrlInput) -> set[int]:
    """The Windows virtual-key codes of the pressed keys; keys that have none are left out.

    >>> sorted(convert_to_win_keycodes(CtrlInput({"KeyW", "Space", "Unidentified"})))
    [32, 87]
    """
    return {_WINDOWS_KEYCODES[key] for key in ctrl_input.button if key in _WINDOWS_KEYCODES}
