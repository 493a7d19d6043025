"""For those who write problems: a file to start from, and a page that follows the file."""
