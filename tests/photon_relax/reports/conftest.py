"""A headless browser, where one is installed."""

import pytest

from tests.chromium import Browser, find_chromium


@pytest.fixture(scope="module")
def browser(tmp_path_factory):
    if find_chromium() is None:
        pytest.skip("no Chromium on this machine (Debian: apt install chromium)")
    with Browser(tmp_path_factory.mktemp("profile")) as opened:
        yield opened
