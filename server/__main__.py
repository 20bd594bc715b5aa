"""`python -m server <command>`; the commands are in `server.commands`."""

import signal
import sys

if __name__ == "__main__":
    signal.signal(signal.SIGINT, signal.SIG_DFL)  # Ctrl-C during the imports ends without a word
    from server.commands import main

    signal.signal(signal.SIGINT, signal.default_int_handler)
    sys.exit(main())
