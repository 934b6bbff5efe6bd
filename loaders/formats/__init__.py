"""How bytes are read, one format a file."""
