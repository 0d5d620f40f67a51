"""`python -m cellroad` is the command `cellroad`."""

import sys

from cellroad.show.cli import main

sys.exit(main())
