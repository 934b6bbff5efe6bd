"""The command line: a door to `commands/`."""

from commands import main

if __name__ == "__main__":
    raise SystemExit(main())
