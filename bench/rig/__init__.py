"""What the benches are built of; nothing here is run by itself."""
