"""PDFium's own rule: one thread at a time in a process, whatever documents the threads have; two at once can end the process."""

import threading

ONE_AT_A_TIME = threading.Lock()
"""Held, in a thread, around every use of `pypdfium2` in a process that serves several requests."""
