"""The chart of networks: what is on it, and where a design stands."""

from photon_relax.physical_networks import describe_place, physical_networks


def test_every_count_has_a_source_and_says_what_is_counted():
    networks = physical_networks()
    assert len(networks) == 8
    counts = [network.count for network in networks]
    assert counts == sorted(counts)
    for network in networks:
        assert network.kind in ("photonic", "electronic", "digital")
        assert "doi" in network.source or "arXiv" in network.source
        assert network.counted


def test_a_design_stands_between_its_neighbours():
    words = describe_place(5000)
    assert words.startswith("5,000 parameters: above Jung 2022 (4,096 ")
    assert ", below Yao 2020 (16,384 " in words


def test_a_design_may_be_smaller_or_larger_than_all_that_were_built():
    assert describe_place(10).startswith("10 parameters: below Shen 2017")
    # Digital computers are for comparison only.
    assert "GPT-3" not in describe_place(10**9)
    assert describe_place(10**9).startswith("1,000,000,000 parameters: above Ambrogio 2023")
