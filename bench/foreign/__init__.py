"""Each decoder of bytes that others wrote, as `bench/fuzz_decoders.py` feeds it."""
