"""A practice tutor for deep-learning exams, in the terminal."""

__version__ = "0.1.0"
