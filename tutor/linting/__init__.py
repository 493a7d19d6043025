"""Checking problem files: which ones, what is wrong with them, and in which format it is told."""
