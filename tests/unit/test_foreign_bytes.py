"""Every decoder of foreign bytes takes what it should and refuses the rest in our own words."""

import pytest

from bench.foreign.decoder import Decoder, blind
from bench.fuzz_decoders import KINDS, load

INPUTS = {
    "wire": 1_500,
    "labels": 1_500,
    "pictures": 250,
    "books": 150,
    "settings": 500,
    "backups": 1_000,
    "certificates": 500,
}
CHECKED = ("backups", "certificates")
"""What a hash or a signature holds together: hardly a change is taken."""
DECODERS = [(name, decoder) for name in KINDS for decoder in load(name).decoders]


@pytest.mark.parametrize(
    ("kind", "decoder"), DECODERS, ids=lambda found: getattr(found, "name", found)
)
def test_a_decoder_takes_what_is_whole(kind: str, decoder: Decoder) -> None:
    assert decoder.taken, kind
    assert [data for data in decoder.taken if not decoder.read(data)] == []


@pytest.mark.parametrize("name", KINDS)
def test_changed_inputs_are_values_or_refusals(name: str) -> None:
    kind = load(name)
    seeds = kind.seeds()
    for seed in seeds:
        kind.read(seed)
    taken = [kind.read(blind(seeds, number, kind.bytes_max)) for number in range(INPUTS[name])]
    assert (0 if name in CHECKED else 0.05) < sum(taken) / len(taken) < 0.95, (
        "neither is all refused nor all taken"
    )
