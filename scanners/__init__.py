"""From light to a label: image files, keyboard wedge, typed codes."""
