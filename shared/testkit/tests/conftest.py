"""Lets the tests import `mutants`, the small broken plugins beside them."""

import sys
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parent))
