"""Downloads against a small server on this machine: whole, resumed, wrong, cut off, absent."""

import hashlib
import http.client
import http.server
import re
import shutil
import socket
import threading
from dataclasses import replace
from pathlib import Path
from urllib.error import URLError

import numpy as np
import pytest

from photon_relax import fetch as fetching
from photon_relax.datasets.locations import REMOTE_FILES, RemoteFile
from photon_relax.fetch import FetchError, fetch, files_to_place

CONTENTS = np.random.default_rng(5).bytes(200_000)


class Handler(http.server.BaseHTTPRequestHandler):
    """Serves one file; ``server.ranges``, ``server.cut`` and ``server.status`` set its manners."""

    def do_GET(self):
        server = self.server
        asked = re.fullmatch(r"bytes=(\d+)-", self.headers.get("Range", ""))
        server.asked.append(int(asked[1]) if asked else 0)
        start = int(asked[1]) if asked and server.ranges else 0
        if server.status != 200:
            self.send_error(server.status)
            return
        if start >= len(server.contents) > 0:
            self.send_error(416)
            return
        body = server.contents[start:]
        self.send_response(206 if start else 200)
        if start:
            whole = len(server.contents)
            self.send_header("Content-Range", f"bytes {start}-{whole - 1}/{whole}")
        if server.announce:
            self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body[: server.cut])

    def log_message(self, *_):
        """Keep the test's output clean."""


@pytest.fixture
def server(monkeypatch):
    httpd = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    httpd.contents, httpd.asked = CONTENTS, []
    httpd.ranges, httpd.cut, httpd.status, httpd.announce = True, None, 200, True
    file = RemoteFile(
        url=f"http://127.0.0.1:{httpd.server_port}/input.txt",
        path="deep/folder/input.txt",
        size=len(CONTENTS),
        md5=hashlib.md5(CONTENTS).hexdigest(),
    )
    monkeypatch.setitem(REMOTE_FILES, "shakespeare", (file,))
    # A proxy that the machine may have set has no business with a server on this machine.
    monkeypatch.setenv("no_proxy", "127.0.0.1")
    thread = threading.Thread(target=httpd.serve_forever, kwargs={"poll_interval": 0.01})
    thread.start()
    yield httpd
    httpd.shutdown()
    thread.join()
    httpd.server_close()


def remote():
    return REMOTE_FILES["shakespeare"][0]


def part_of(folder):
    return folder / "deep/folder/input.txt.part"


def leave_part(folder, contents):
    part_of(folder).parent.mkdir(parents=True)
    part_of(folder).write_bytes(contents)


def test_a_whole_download_with_progress(server, tmp_path):
    seen = []
    paths = fetch("shakespeare", tmp_path, progress=lambda *step: seen.append(step))
    assert paths == [tmp_path / "deep/folder/input.txt"]
    assert paths[0].read_bytes() == CONTENTS
    assert not part_of(tmp_path).exists()
    assert seen[-1] == ("input.txt", len(CONTENTS), len(CONTENTS))
    received = [there for _, there, _ in seen]
    assert received == sorted(set(received))


def test_what_is_there_is_not_fetched_again(server, tmp_path):
    fetch("shakespeare", tmp_path)
    fetch("shakespeare", tmp_path)
    assert server.asked == [0]


def test_an_interrupted_download_is_continued_where_it_ended(server, tmp_path):
    leave_part(tmp_path, CONTENTS[:70_001])
    seen = []
    (path,) = fetch("shakespeare", tmp_path, progress=lambda *step: seen.append(step[1]))
    assert path.read_bytes() == CONTENTS
    assert server.asked == [70_001]
    assert min(seen) > 70_001


def test_a_server_that_cannot_continue_sends_everything_again(server, tmp_path):
    server.ranges = False
    leave_part(tmp_path, b"x" * 150_000)
    (path,) = fetch("shakespeare", tmp_path)
    assert path.read_bytes() == CONTENTS
    assert server.asked == [150_000]


def test_a_whole_part_file_needs_only_its_name(server, tmp_path):
    leave_part(tmp_path, CONTENTS)
    (path,) = fetch("shakespeare", tmp_path)
    assert path.read_bytes() == CONTENTS
    assert server.asked == []


def test_a_part_file_that_is_too_long_is_begun_anew(server, tmp_path):
    leave_part(tmp_path, CONTENTS + b"more")
    (path,) = fetch("shakespeare", tmp_path)
    assert path.read_bytes() == CONTENTS
    assert server.asked == [0]


def test_a_part_file_beyond_the_servers_file_is_begun_anew(server, tmp_path):
    # The server's file shrank below what is here: it answers 416, then offers too little.
    server.contents = CONTENTS[:1000]
    leave_part(tmp_path, CONTENTS[:2000])
    with pytest.raises(FetchError, match=r"another file \(1,000 bytes instead of 200,000\)"):
        fetch("shakespeare", tmp_path)
    assert server.asked == [2000, 0]


def test_a_connection_that_breaks_leaves_what_came_and_says_so(server, tmp_path):
    server.cut = 90_000
    with pytest.raises(FetchError, match=r"broke off after 90,000 of 200,000 bytes .*continues"):
        fetch("shakespeare", tmp_path)
    assert part_of(tmp_path).read_bytes() == CONTENTS[:90_000]
    assert not (tmp_path / remote().path).exists()
    server.cut = None
    (path,) = fetch("shakespeare", tmp_path)
    assert path.read_bytes() == CONTENTS
    assert server.asked == [0, 90_000]


def test_a_server_that_does_not_announce_a_length_is_cut_off_at_ours(server, tmp_path):
    server.announce = False
    server.contents = CONTENTS + b"trailing"
    (path,) = fetch("shakespeare", tmp_path)
    assert path.read_bytes() == CONTENTS


def test_a_wrong_checksum_is_refused_and_nothing_is_left(server, tmp_path):
    server.contents = CONTENTS[:-1] + b"!"
    with pytest.raises(FetchError, match=r"wrong checksum \(expected md5 [0-9a-f]{32}\); it was"):
        fetch("shakespeare", tmp_path)
    assert [path for path in tmp_path.rglob("*") if path.is_file()] == []


def test_another_file_of_the_name_is_never_overwritten(server, tmp_path):
    own = tmp_path / remote().path
    own.parent.mkdir(parents=True)
    own.write_text("my own text")
    with pytest.raises(FetchError, match=r"is there already but is not the official file"):
        fetch("shakespeare", tmp_path)
    assert own.read_text() == "my own text"
    assert server.asked == []


def test_an_error_of_the_server_tells_what_to_do_by_hand(server, tmp_path):
    server.status = 404
    with pytest.raises(FetchError, match="cannot be had: HTTP 404") as caught:
        fetch("shakespeare", tmp_path)
    assert str(tmp_path / remote().path) in str(caught.value)


def test_without_a_network_the_files_to_place_are_listed(server, tmp_path, monkeypatch):
    with http.server.HTTPServer(("127.0.0.1", 0), Handler) as closed:
        port = closed.server_port
    unreachable = replace(remote(), url=f"http://127.0.0.1:{port}/input.txt")
    monkeypatch.setitem(REMOTE_FILES, "shakespeare", (unreachable,))
    with pytest.raises(FetchError, match="cannot be reached: Connection refused") as caught:
        fetch("shakespeare", tmp_path)
    assert list(tmp_path.iterdir()) == []
    summary, advice, place = str(caught.value).splitlines()
    assert summary.endswith("Connection refused.")
    assert advice == "Without a network, put these files in place:"
    assert place.split() == [
        str(tmp_path / unreachable.path),
        "(200,000",
        "bytes,",
        "md5",
        f"{unreachable.md5})",
        "from",
        unreachable.url,
    ]


def test_reasons_are_in_words():
    assert "cannot be looked up" in fetching._reason(URLError(socket.gaierror(-3, "again")))
    assert fetching._reason(URLError(TimeoutError())) == "no answer within 30 s"
    assert fetching._reason(http.client.IncompleteRead(b"")).startswith("IncompleteRead")
    assert fetching._reason(http.client.RemoteDisconnected("gone")) == "gone"


def test_a_disk_too_small_is_noticed_before_the_first_byte(server, tmp_path, monkeypatch):
    usage = shutil.disk_usage(tmp_path)
    monkeypatch.setattr(shutil, "disk_usage", lambda _: usage._replace(free=150_000))
    with pytest.raises(FetchError, match="needs 0 MB more .* choose another folder"):
        fetch("shakespeare", tmp_path / "new")
    assert server.asked == []
    leave_part(tmp_path, CONTENTS[:60_000])  # with this the remainder fits
    (path,) = fetch("shakespeare", tmp_path)
    assert path.read_bytes() == CONTENTS


@pytest.mark.skipif(not Path("/dev/full").exists(), reason="needs the device that is always full")
def test_a_disk_that_fills_up_names_the_file(server, tmp_path):
    part_of(tmp_path).parent.mkdir(parents=True)
    part_of(tmp_path).symlink_to("/dev/full")
    with pytest.raises(OSError, match=r"No space left on device: '.*input\.txt\.part'"):
        fetch("shakespeare", tmp_path)
    assert not (tmp_path / remote().path).exists()


def test_the_official_files_are_listed_for_every_data_set(tmp_path):
    two, three = files_to_place("svhn", tmp_path), files_to_place("svhn", tmp_path, extra=True)
    assert "extra_32x32.mat" not in two
    assert f"{tmp_path / 'svhn' / 'train_32x32.mat'}  (182,040,794 bytes, md5 e26dedcc" in two
    assert "extra_32x32.mat  (1,329,278,602 bytes, md5 a93ce644f1a588dc4d68dda5feec44a7)" in three
    assert "tinyshakespeare.txt  (1,115,394 bytes" in files_to_place("shakespeare", tmp_path)
    assert files_to_place("digits", tmp_path) == "digits needs no file: it comes with scikit-learn"
    assert fetch("digits", tmp_path / "untouched") == []
    assert not (tmp_path / "untouched").exists()


def test_unknown_names_and_a_missing_extra_are_refused(tmp_path):
    with pytest.raises(FetchError, match="unknown data set 'mnist'; there are digits, svhn"):
        fetch("mnist", tmp_path)
    with pytest.raises(FetchError, match="only svhn has an extra file; shakespeare has none"):
        fetch("shakespeare", tmp_path, extra=True)


def test_the_default_folder_is_the_data_folder(server, tmp_path, monkeypatch):
    monkeypatch.setenv("PHOTON_RELAX_DATA", str(tmp_path))
    assert fetch("shakespeare") == [tmp_path / remote().path]


def test_the_real_corpus_is_the_official_file(data_dir, monkeypatch):
    """Here fetch has nothing to do but to check, so any access to the network would fail."""
    monkeypatch.setattr(fetching, "urlopen", None)
    (path,) = fetch("shakespeare", data_dir)
    assert path == data_dir / "tinyshakespeare.txt"
