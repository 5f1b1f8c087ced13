"""`python -m scope.cli`, the same as the `scope` command."""

import sys

from scope.cli import main

sys.exit(main())
