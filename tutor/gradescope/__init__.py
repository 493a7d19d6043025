"""Gradescope: results by its autograder schema, and an autograder archive for an exam.

The main entry for graded files is ``tutor.gradescope.results.results_document``.
"""
