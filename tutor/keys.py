"""Keys pressed while nobody reads them: kept for the next prompt, and not echoed."""

from __future__ import annotations

import atexit
import sys


def quiet_keys() -> None:
    """Keep the terminal from echoing what the editor will draw, until the program ends.

    Does nothing where there is no such setting (Windows) or stdin is no terminal.
    """
    try:
        import termios
    except ImportError:
        return
    try:
        before = termios.tcgetattr(sys.stdin)
    except (termios.error, ValueError, OSError):
        return
    quiet = [*before]
    quiet[3] &= ~(termios.ECHO | termios.ICANON)
    termios.tcsetattr(sys.stdin, termios.TCSANOW, quiet)
    atexit.register(termios.tcsetattr, sys.stdin, termios.TCSANOW, before)
