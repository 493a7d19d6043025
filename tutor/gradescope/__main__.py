"""``python -m tutor.gradescope ROOT``: what an archive's ``run_autograder`` runs."""

import sys

from tutor.gradescope.autograder import run

if __name__ == "__main__":
    sys.exit(run(sys.argv[1]))
