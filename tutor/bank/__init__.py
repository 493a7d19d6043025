"""Problems on disk: folders of YAML files, read strictly into ``engine.problem.Problem``."""
