"""How this installation is set up: the environment, the database, Django."""
