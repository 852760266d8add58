"""`python -m handup.cli`, the same as `handup`."""

import sys

from handup.cli import main

sys.exit(main())
