"""Grading a class: a row in, a row out, in the same order, on all cores or on a cluster."""
