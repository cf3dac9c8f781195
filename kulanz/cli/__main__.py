"""`python -m kulanz.cli`: how the product starts its own parts."""

import sys

from kulanz.cli import main

sys.exit(main())
