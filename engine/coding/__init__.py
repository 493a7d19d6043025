"""Code answers: what may be typed, what they are run on, and what is said of what they did.

Nothing is run here. A ``runs.Runner`` comes from outside, by the arguments of ``grade``.
"""
