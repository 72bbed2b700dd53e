"""The home a notebook reads: where it lies, what is in it, and the program that fills it.

MUAVU_HOME     the folder of all state (default: `var` beside this folder)
MUAVU_BIN      the program (default: `muavu` on the path, or a release build)
MUAVU_WINDOW   first and last morning to score, `2010-02-01..2010-03-31` (default: the notebook's)
MUAVU_RECORDS  folder of backtest files (default: `records` in the home)
"""

import json
import os
import shutil
import subprocess
from pathlib import Path

import polars as pl

PROJECT = Path(__file__).resolve().parent.parent
REFERENCE = PROJECT / "data" / "reference"
QUANTILES = ["q05", "q10", "q25", "q50", "q75", "q90", "q95"]
SAMPLE_WARNING = "SAMPLE, made up, not for decisions · DỮ LIỆU MẪU, không dùng để quyết định"


class NoRecord(Exception):
    """The program cannot forecast this here; the text is its own reason."""


class Home:
    """A home with measurements, or the made-up sample inside a home that has none."""

    def __init__(self):
        self.program = _program()
        outer = Path(os.environ.get("MUAVU_HOME", PROJECT / "var"))
        self.sample = not _has_lake(outer)
        self.path = outer / "sample" if self.sample else outer
        if not _has_lake(self.path):
            self._run(["run", "--home", str(outer), "--quiet", "--no-fetch"])
        self.records = Path(os.environ.get("MUAVU_RECORDS", self.path / "records"))
        self.note = SAMPLE_WARNING if self.sample else "measured values"
        print(f"{self.path}: {self.note}")

    def window(self):
        """Returns the first and last morning asked for by MUAVU_WINDOW, or None."""
        asked = os.environ.get("MUAVU_WINDOW")
        return tuple(asked.split("..")) if asked else None

    def observations(self, variable, places=None):
        """Returns place, date (local day), value and unit of the newest revision of each value."""
        table = str(self.path / "lake" / "observation")
        rows = pl.scan_delta(table).filter(pl.col("variable") == variable)
        if places is not None:
            rows = rows.filter(pl.col("place").is_in(places))
        local = pl.col("valid_time").dt.convert_time_zone("Asia/Ho_Chi_Minh").dt.date()
        return (
            rows.sort("revision")
            .group_by("place", local.alias("date"))
            .agg(pl.col("value", "unit").last())
            .sort("place", "date")
            .collect()
        )

    def record(self, target, window=None):
        """Returns every backtest forecast of a target beside what happened (`y`).

        `window` is the first and last morning; None is the last third of the target's record. The
        file is kept in the records folder until the lake or the program changes.
        """
        file = self.records / f"{target}_{'_'.join(window or ['last_third'])}.csv"
        if not self._is_fresh(file):
            self.records.mkdir(parents=True, exist_ok=True)
            days = ["--from", window[0], "--to", window[1]] if window else []
            command = ["backtest", target, *days, "--format", "csv", "--quiet"]
            scores = self._run([*command, "--forecasts", str(file), "--home", str(self.path)])
            _scores_of(file).write_text(scores, encoding="utf-8")
        rows = pl.read_csv(file, schema_overrides=dict.fromkeys([*QUANTILES, "y"], pl.Float64))
        day = {c: pl.col(c).str.slice(0, 10).str.to_date() for c in ["issued_at", "valid_time"]}
        return rows.with_columns(issued=day["issued_at"], day=day["valid_time"])

    def program_scores(self, target, window=None):
        """Returns the program's own score table of the same backtest, to be held beside ours."""
        file = self.records / f"{target}_{'_'.join(window or ['last_third'])}.csv"
        return pl.read_csv(_scores_of(file))

    def morning(self, day):
        """Replays a past morning; returns the program's report (advisories, stations, gate)."""
        args = ["run", "--as-of", str(day), "--format", "json", "--quiet"]
        return json.loads(self._run([*args, "--home", str(self.path)]))

    def _is_fresh(self, file):
        if not file.is_file():
            return False
        log = self.path / "lake" / "observation" / "_delta_log"
        inputs = [*log.glob("*.json"), self.program]
        return file.stat().st_mtime >= max(path.stat().st_mtime for path in inputs)

    def _run(self, args):
        environment = {**os.environ, "MUAVU__FETCH__ENABLED": "false"}
        command = [str(self.program), *args]
        done = subprocess.run(command, capture_output=True, text=True, env=environment)
        if done.returncode in (1, 3):  # the user can fix it, or data are late
            raise NoRecord(done.stderr.strip().removeprefix("error: ").split("\n")[0])
        if done.returncode != 0:
            raise RuntimeError(f"{' '.join(command)}: {done.stderr.strip()}")
        return done.stdout


def _has_lake(path):
    return (path / "lake" / "observation" / "_delta_log").is_dir()


def _scores_of(file):
    return file.with_name(f"{file.stem}_scores.csv")


def _program():
    named = os.environ.get("MUAVU_BIN") or shutil.which("muavu")
    target = Path(os.environ.get("CARGO_TARGET_DIR", PROJECT / "target"))
    program = Path(named) if named else target / "release" / "muavu"
    if not program.is_file():
        raise SystemExit(f"no program at {program}: cargo build --release, or set MUAVU_BIN")
    return program
