"""Campaigns borrow the infirmary, the rig of real visits, from the tests of the scheduler."""

import sys
from pathlib import Path

sys.path.append(str(Path(__file__).parents[1] / "scheduler"))
