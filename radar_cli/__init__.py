"""The phone as a program: entry point, settings, output, exit codes."""
