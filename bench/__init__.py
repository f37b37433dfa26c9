"""How fast it is, beside the bare database driver doing the same: what `make bench` runs.

Each measurement prints one JSON line with its baseline from the same run. The baseline is the
very SQL that our verb sends, recorded once and sent again by sqlite3 or asyncpg alone to a copy
of the same store, transaction for transaction, the hashing of entries included: what is above it
is the price of our own code. Both take turns, so that a busy machine slows both. Stands on the
tests' villages and PostgreSQL; nothing here is part of the program.
"""

import sys
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parents[1] / "tests"))
