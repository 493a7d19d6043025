"""Typing answers on a terminal: a line with its reading below, choices to toggle, tables."""
