"""What the files and folders of a bank are called."""

ENDING = ".yaml"
EXAMS = "exams"
"""The folder of blueprints, which is no topic."""
