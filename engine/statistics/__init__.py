"""What a class's marks say of the problems; ``engine/STATISTICS.md`` has formulas and sources."""
