"""One module a command: it takes plain arguments, does one thing and returns an exit code."""
