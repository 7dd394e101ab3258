"""The colours: for the dark, for weak eyes and sun, and for a terminal or a person without any."""

from textual.theme import Theme

DARK = Theme(
    name="dark",
    primary="#5fafff",
    secondary="#a8a8a8",
    success="#5fd787",
    warning="#ffd75f",
    error="#ff8787",
    foreground="#d0d0d0",
    background="#000000",
    surface="#121212",
    panel="#1c1c1c",
)
"""Dim on black: it blinds nobody in a basement. Each text is 7:1 or more on its ground."""
CONTRAST = Theme(
    name="contrast",
    primary="#00ffff",
    secondary="#ffffff",
    success="#00ff00",
    warning="#ffff00",
    error="#ff5f5f",
    foreground="#ffffff",
    background="#000000",
    surface="#000000",
    panel="#000000",
    text_alpha=1.0,
)
"""The strongest contrasts that a terminal has."""
PLAIN = Theme(
    name="plain",
    ansi=True,
    primary="ansi_default",
    secondary="ansi_default",
    success="ansi_default",
    warning="ansi_default",
    error="ansi_default",
    accent="ansi_default",
    foreground="ansi_default",
    background="ansi_default",
    surface="ansi_default",
    panel="ansi_default",
    boost="ansi_default",
    variables=dict.fromkeys(("ansi-background", "ansi-foreground"), "ansi_default"),
)
"""No colour at all: marks, bold and reversed letters tell everything."""
THEMES = (DARK, CONTRAST, PLAIN)


def following(name: str) -> str:
    """Return the theme after one, round and round."""
    names = [theme.name for theme in THEMES]
    return names[(names.index(name) + 1) % len(names)] if name in names else names[0]
