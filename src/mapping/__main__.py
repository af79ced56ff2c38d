"""`python -m mapping` is the command `mapping`, on machines without make too."""

from __future__ import annotations

import sys

from mapping.cli import main

__all__: list[str] = []

if __name__ == "__main__":
    sys.exit(main())
