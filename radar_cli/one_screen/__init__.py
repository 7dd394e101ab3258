"""The one screen: a shift as a conversation, drawn by Textual or told line by line."""
