#!/usr/bin/env python
"""Django's command line for this site."""

import sys

from tracker.commandline import main

if __name__ == "__main__":
    main(sys.argv)
