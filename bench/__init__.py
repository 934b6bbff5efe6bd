"""Speed and memory figures, as commands."""
