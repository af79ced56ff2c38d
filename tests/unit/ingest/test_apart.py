"""Statistical files are read in a process of its own: the same values, and no harm when it dies or hangs."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pandas as pd
import pyreadstat
import pytest

from mapping.errors import InputError, MappingError, PrivacyError
from mapping.ingest import apart
from mapping.ingest.filetype import file_kind
from mapping.ingest.readers import read_table
from mapping.ingest.source import take_in
from mapping.ingest.statistical import open_statistical, value_labels

ABOUT = ("name", "kind", "labels", "titles", "missing", "notes", "columns", "n_rows")
# stands before the real reader where the process looks for it, and does to some files what damage does
BROKEN = """
import os, signal, sys, time
sys.path.remove(os.path.dirname(__file__))
del sys.modules["pyreadstat"]
import pyreadstat
real = pyreadstat.read_sav

def read_sav(path, **more):
    if "dies" in path and "metadataonly" not in more:
        os.kill(os.getpid(), signal.SIGSEGV)
    if "memory" in path:
        os.kill(os.getpid(), signal.SIGKILL)
    if "hangs" in path:
        time.sleep(60)
    if "prints" in path:
        os.write(1, b"20060421-9980")
        os.write(2, b"20060421-9980")
    if "mistake" in path:
        return None, "20060421-9980"
    return real(path, **more)

pyreadstat.read_sav = read_sav
"""
linux = pytest.mark.skipif(sys.platform != "linux", reason="only Linux forks, and only it counts so")


def survey(folder: Path, name: str = "a") -> Path:
    file = folder / f"{name}.sav"
    pyreadstat.write_sav(pd.DataFrame({"f31": [1.0, 2.0], "skola": ["Åsö", ""]}), str(file))
    return file


@pytest.fixture(params=[True, False], ids=["forks", "stays"])
def broken(
    request: pytest.FixtureRequest, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> Iterator[apart._Reader]:
    """A reader that breaks at some files, as it works on Linux and as it works elsewhere."""
    if request.param and sys.platform != "linux":
        pytest.skip("no forks here")
    (tmp_path / "before").mkdir()
    (tmp_path / "before" / "pyreadstat.py").write_text(BROKEN, encoding="utf-8")
    monkeypatch.syspath_prepend(tmp_path / "before")
    own = apart._Reader(forks=request.param)
    monkeypatch.setattr(apart, "_reader", lambda: own)
    yield own
    own.end()


@pytest.mark.parametrize(
    "name",
    [
        "haven_hadley.sas7bdat",
        "haven_labelled-str.sav",
        "haven_tagged-na-double.dta",
        "haven_umlauts.sav",
        "pyreadstat_dates_xpt_v8.xpt",
        "pyreadstat_missing_test.sav",
        "pyreadstat_sample.por",
        "pyreadstat_sample_missing.sav",
        "pyreadstat_simple_alltypes.sav",
    ],
)
def test_what_comes_back_is_what_was_read(shared: Path, name: str) -> None:
    file = shared / "data" / "formats" / name
    kind = file_kind(file)
    here, there = take_in(open_statistical(file, kind), ()), apart.read_statistical(file, kind)

    pd.testing.assert_frame_equal(there.frame, here.frame)
    assert [getattr(there, about) for about in ABOUT] == [getattr(here, about) for about in ABOUT]
    assert apart.read_labels(file, kind) == value_labels(file, kind)


def test_many_rows_and_long_texts_come_back_whole(tmp_path: Path) -> None:
    n, rng = 250_001, np.random.default_rng(1)
    vikt = np.where(rng.random(n) < 0.1, np.nan, rng.random(n))
    frame = pd.DataFrame({"vikt": vikt, "svar": rng.choice(["", "ja", "å" * 300], n), "tom": ""})
    file = tmp_path / "a.sav"
    pyreadstat.write_sav(frame, str(file), row_compress=True)

    table = read_table(file, ["vikt", "svar"])

    pd.testing.assert_frame_equal(table.frame, frame[["vikt", "svar"]])
    table.frame.loc[0, "vikt"] = 1.0  # nobody else's memory


def test_a_refusal_comes_back_as_it_was_raised(tmp_path: Path) -> None:
    file = tmp_path / "a.sav"
    pyreadstat.write_sav(pd.DataFrame({"v1": ["ring 20060421-9980"] * 3}), str(file))

    with pytest.raises(PrivacyError, match=r"a\.sav: column 'v1' holds Swedish personal numbers \(3 rows\)"):
        read_table(file)


def test_a_file_at_which_the_process_dies_is_damaged_and_the_next_one_is_read(
    broken: apart._Reader, tmp_path: Path
) -> None:
    for _ in range(2):
        with pytest.raises(InputError, match=r"dies\.sav: the file is damaged.*Ask for it again"):
            read_table(survey(tmp_path, "dies"))

        assert len(read_table(survey(tmp_path)).frame) == 2


def test_a_file_at_which_the_process_hangs_is_damaged(
    broken: apart._Reader, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    read_table(survey(tmp_path))
    process, start = broken._process._process, time.monotonic()
    monkeypatch.setattr(apart, "LONGEST", 0.5)

    with pytest.raises(InputError, match=r"hangs\.sav: the file is damaged"):
        read_table(survey(tmp_path, "hangs"))

    assert time.monotonic() - start < 10
    assert process.poll() is not None
    assert process.stdin.closed and process.stdout.closed


@linux
def test_a_process_without_memory_is_no_damaged_file(broken: apart._Reader, tmp_path: Path) -> None:
    if not broken._forks:
        pytest.skip("nobody is left to tell why")
    with pytest.raises(InputError, match=r"memory\.sav: it took more memory.*Close other programs"):
        read_table(survey(tmp_path, "memory"))


def test_what_the_reader_prints_goes_nowhere(
    broken: apart._Reader, tmp_path: Path, capfd: pytest.CaptureFixture[str]
) -> None:
    assert len(read_table(survey(tmp_path, "prints")).frame) == 2

    assert capfd.readouterr() == ("", "")


def test_a_mistake_of_ours_is_told_by_its_place_and_without_a_value(
    broken: apart._Reader, tmp_path: Path
) -> None:
    place = r"mistake\.sav: a mistake of this program.*AttributeError in statistical\.py, line \d+"
    with pytest.raises(MappingError, match=place) as caught:
        read_table(survey(tmp_path, "mistake"))

    assert not isinstance(caught.value, InputError)
    assert "9980" not in str(caught.value)


def test_where_nothing_forks_a_refused_file_takes_the_process_along(
    broken: apart._Reader, tmp_path: Path
) -> None:
    read_table(survey(tmp_path))
    file = tmp_path / "cut.sav"
    file.write_bytes(survey(tmp_path).read_bytes()[:300])

    with pytest.raises(InputError):
        read_table(file)

    assert (broken._process is not None) == broken._forks


@pytest.mark.parametrize("executable", ["/nowhere/python", "/bin/true"])
def test_a_process_that_does_not_start_is_no_damaged_file(
    broken: apart._Reader, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, executable: str
) -> None:
    monkeypatch.setattr(sys, "executable", executable)

    with pytest.raises(MappingError, match=r"could not be started.*python -m mapping") as caught:
        read_table(survey(tmp_path))

    assert not isinstance(caught.value, InputError)


@linux
def test_memory_and_open_files_are_given_back(tmp_path: Path) -> None:
    n = 100_000
    pyreadstat.write_sav(pd.DataFrame({f"v{k}": np.ones(n) for k in range(40)}), str(tmp_path / "b.sav"))
    read_table(survey(tmp_path))
    process = Path(f"/proc/{apart._reader()._process._process.pid}")

    def held() -> tuple[int, int, int]:
        resident = int((process / "statm").read_text().split()[1]) * 4096 // 1_000_000
        return resident, len(list((process / "fd").iterdir())), len(list(Path("/proc/self/fd").iterdir()))

    before = held()
    for _ in range(5):
        read_table(tmp_path / "b.sav")
    after = held()

    assert after[0] <= before[0] + 5  # one reading alone takes 100 MB more
    assert after[1:] == before[1:]


def test_threads_and_forks_of_the_program_do_not_take_each_others_answers(tmp_path: Path) -> None:
    files = [tmp_path / f"{k}.sav" for k in range(4)]
    for k, file in enumerate(files):
        pyreadstat.write_sav(pd.DataFrame({"v": [float(k)] * 10}), str(file))
    found: list[bool] = []

    def read(k: int) -> None:
        found.extend(read_table(files[k]).frame["v"].eq(k).all() for _ in range(5))

    threads = [threading.Thread(target=read, args=(k,)) for k in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()

    assert found == [True] * 20


SCRIPT = """
import os, sys
from pathlib import Path
from mapping.ingest.readers import read_table
print(len(read_table(Path(sys.argv[1])).frame), flush=True)
"""
FORK = """
one = os.fork()
print(len(read_table(Path(sys.argv[1])).frame), flush=True)
if one:
    sys.exit(os.waitpid(one, 0)[1])
"""


def test_a_script_from_standard_input_reads_without_a_guard(tmp_path: Path) -> None:
    more = FORK if sys.platform == "linux" else ""
    done = subprocess.run(
        [sys.executable, "-W", "error", "-", str(survey(tmp_path))],
        input=SCRIPT + more,
        capture_output=True,
        text=True,
        timeout=60,
        cwd=tmp_path,
        check=False,
    )

    assert (done.returncode, done.stderr, set(done.stdout.split())) == (0, "", {"2"})


@linux
def test_stopping_the_program_stops_the_reading(tmp_path: Path) -> None:
    (tmp_path / "before").mkdir()
    (tmp_path / "before" / "pyreadstat.py").write_text(BROKEN, encoding="utf-8")
    survey(tmp_path)
    more = "print(*Path(f'/proc/self/task/{os.getpid()}/children').read_text().split(), flush=True)\n"
    # a program started in the background is born deaf to Ctrl-C
    listens = "import signal; signal.signal(signal.SIGINT, signal.default_int_handler)\n"
    again = f"{listens}read_table(Path(sys.argv[2]))\n"
    program = subprocess.Popen(
        [sys.executable, "-c", SCRIPT + more + again, str(survey(tmp_path)), str(survey(tmp_path, "hangs"))],
        env={**os.environ, "PYTHONPATH": str(tmp_path / "before")},
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    )
    with program:
        assert program.stdout is not None and program.stderr is not None
        assert program.stdout.readline() == "2\n"
        child = program.stdout.readline().strip()
        time.sleep(1)
        start = time.monotonic()
        program.send_signal(signal.SIGINT)
        complaint = program.stderr.read()

    assert complaint.strip().endswith("KeyboardInterrupt")
    assert time.monotonic() - start < 10
    assert not Path(f"/proc/{child}").exists()
