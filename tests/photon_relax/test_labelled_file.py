import numpy as np
import xarray

from photon_relax.labelled_file import Labelled, write_labelled


def test_xarray_reads_what_was_written(tmp_path):
    rng = np.random.default_rng(0)
    time = np.arange(700) * 1e-12
    field = rng.normal(size=(2, 700)) + 1j * rng.normal(size=(2, 700))
    write_labelled(
        tmp_path / "it.h5",
        {
            "field": Labelled(("port", "time"), field, "sqrt(W)", "envelope"),
            "port": Labelled(("port",), ["in", "größer"]),
            "domain": Labelled(("port",), ["optical", "electrical"]),
            "time": Labelled(("time",), time, "s"),
            "count": Labelled(("port",), np.array([3, 4])),
        },
        {"netlist": {"ports": ["ä"]}, "order": 5, "convention": "exp(-i omega t)"},
    )
    with xarray.open_dataset(tmp_path / "it.h5", engine="h5netcdf") as data:
        assert set(data.coords) == {"port", "time"}
        assert set(data.data_vars) == {"field_real", "field_imag", "domain", "count"}
        for part, expected in (("real", field.real), ("imag", field.imag)):
            found = data[f"field_{part}"]
            assert found.dims == ("port", "time")
            assert (found.units, found.long_name) == ("sqrt(W)", "envelope")
            np.testing.assert_array_equal(found.sel(port="größer"), expected[1])
        np.testing.assert_array_equal(data.time, time)
        assert data.domain.values.tolist() == ["optical", "electrical"]
        assert data["count"].values.tolist() == [3, 4]
        assert data.attrs["netlist"] == '{"ports": ["\\u00e4"]}'
        assert data.attrs["order"] == 5
        assert data.attrs["program"].startswith("photon_relax ")
