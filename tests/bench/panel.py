"""How good and how fast `muavu forecast --panel` is, beside the Python peers, in one go.

  python tests/bench/panel.py MUAVU BENCH [--peers PYTHON] [--panels a,b] [--models AutoETS,AutoTheta]
                              [--synthetic N] [--sample N] [--scaling 1000,10000 [--folder DIR]]

MUAVU is the release binary, BENCH the folder of panels and the peers' runner (../shared/bench, or a
copy of it with panels of your own in data/); PYTHON an interpreter with BENCH/requirements.txt. Needs
polars. Prints one Markdown table: MASE (in-sample seasonal naive scale, mean over series), its ratio
to the best peer of the panel, coverage of the 80 and 95 % intervals over all steps with the least and
the greatest step, and series a CPU second on one thread (ours: the whole command, reading and writing
included; theirs: fit and forecast, without imports). --synthetic makes the documented daily panel of
N series; there the slow peers see the first --sample series. --scaling prints CPU, wall and memory of
the fast mode on two threads for each number of series, beside what the panel takes in memory. Panels
are made and thrown away, unless DIR holds a synth_Nx730.parquet: the generator wants 25 GB for a
million series, `cargo bench --bench panel -- write 1000000 730 DIR/synth_1000000x730.parquet` makes
the same rows block by block. Nothing here asserts: a busy machine must not fail a build.
"""
import argparse, json, os, subprocess, tempfile, time
from pathlib import Path

import polars as pl

parser = argparse.ArgumentParser()
parser.add_argument("muavu")
parser.add_argument("bench", type=Path)
parser.add_argument("--peers")
parser.add_argument("--panels", default="m3_monthly,m3_quarterly,m3_yearly,m3_other,tourism_monthly,tourism_quarterly,tourism_yearly")
parser.add_argument("--models", default="AutoETS,AutoTheta,MSTL,LightGBM,LinearRegression")
parser.add_argument("--synthetic", type=int, default=0)
parser.add_argument("--sample", type=int, default=200)
parser.add_argument("--scaling", default="")
parser.add_argument("--folder", type=Path)
asked = parser.parse_args()

HORIZON, SEASON, DAYS = 14, 7, 730  # of the synthetic panel
ROW_BYTES = 16  # of a panel in memory: unique_id and ds 4 each, y 8
SLOW = ("AutoETS", "AutoTheta", "MSTL")  # peers that see a sample of the synthetic panel


def scale(train, season):
    """In-sample mean absolute error of the seasonal naive forecast of each series."""
    lag = pl.col("y").shift(season).over("unique_id")
    errors = train.sort("unique_id", "ds").with_columns((pl.col("y") - lag).abs().alias("e"))
    return errors.group_by("unique_id").agg(pl.col("e").mean().alias("scale"))


def score(forecast, test, train, season):
    joined = test.join(forecast, on=["unique_id", "ds"], how="left").join(scale(train, season), on="unique_id")
    missing = joined["forecast"].null_count()
    joined = joined.with_columns(
        ((pl.col("y") - pl.col("forecast")).abs() / pl.col("scale")).alias("mase"),
        pl.col("ds").rank("ordinal").over("unique_id").alias("step"),
        *[pl.col("y").is_between(f"lo-{level}", f"hi-{level}").alias(f"in{level}") for level in (80, 95)],
    ).filter(pl.col("scale") > 0)
    mase = joined.group_by("unique_id").agg(pl.col("mase").mean())["mase"].mean()
    steps = joined.group_by("step").agg(pl.col("in80", "in95").mean())
    covers = {level: (joined[f"in{level}"].mean(), steps[f"in{level}"].min(), steps[f"in{level}"].max()) for level in (80, 95)}
    return mase, covers, missing


def forecast(train_file, horizon, season, mode, threads=1):
    """Runs the command; returns the forecasts, CPU and wall seconds and the peak memory in MB."""
    with tempfile.TemporaryDirectory() as folder:
        out = Path(folder) / "forecast.parquet"
        wall = time.perf_counter()
        run = subprocess.Popen([asked.muavu, "forecast", "--panel", train_file, "--horizon", str(horizon), "--season", str(season),
                                "--mode", mode, "--threads", str(threads), "--output", out, "--quiet"])
        _, status, use = os.wait4(run.pid, 0)
        if status != 0:
            raise SystemExit(f"{asked.muavu} failed on {train_file}")
        spent = use.ru_utime + use.ru_stime, time.perf_counter() - wall, use.ru_maxrss / 1024
        return pl.read_parquet(out), spent


def line(panel, name, mase, best, covers, rate):
    cover = lambda c: "–" if c is None else "{:.1f} [{:.1f}, {:.1f}]".format(*(100 * v for v in c)) if len(c) == 3 else f"{100 * c[0]:.1f}"
    ratio = "–" if best is None else f"{mase / best:.3f}"
    print(f"| {panel} | {name} | {mase:.3f} | {ratio} | {cover(covers.get(80))} | {cover(covers.get(95))} | {rate:,.0f} |", flush=True)


def peer(panel, model, sample=0):
    """Runs one peer with intervals; returns MASE, coverage and series a CPU second, or None."""
    kind = "native" if model in SLOW else "conformal"
    cut = ["--n", str(sample)] if sample else []
    run = subprocess.run([asked.peers, "bench_one.py", panel, model, "--jobs", "1", "--intervals", kind, *cut], cwd=asked.bench, capture_output=True, text=True)
    if run.returncode != 0:
        print(f"| {panel} | {model} failed: {run.stderr.strip().splitlines()[-1:]} | | | | | |")
        return None
    found = json.loads(run.stdout.strip().splitlines()[-1])
    covers = {level: (found["acc"][f"cover{level}"],) for level in (80, 95) if f"cover{level}" in found["acc"]}
    return found["acc"]["MASE"], covers, found["series_per_cpu_s"]


def compare(name, peers_name, train_file, train, test, horizon, season, sample=0):
    peers = {}
    for model in asked.models.split(",") if asked.peers else ():
        if model == "MSTL" and season < 2:
            continue
        found = peer(peers_name, model, sample if model in SLOW else 0)
        if found:
            peers[model] = found
    best = min((mase for mase, _, _ in peers.values()), default=None)
    for mode in ("auto", "fast"):
        out, (cpu_s, _, _) = forecast(train_file, horizon, season, mode)
        out = out.with_columns(pl.col("unique_id").cast(test["unique_id"].dtype), pl.col("ds").cast(test["ds"].dtype))
        mase, covers, missing = score(out, test, train, season)
        line(name, f"muavu {mode}" + (f" ({missing} steps missing)" if missing else ""), mase, best, covers, train["unique_id"].n_unique() / cpu_s)
    for model, (mase, covers, rate) in peers.items():
        shown = f"{model} ({sample} series)" if sample and model in SLOW else model
        line(name, shown, mase, best, covers, rate)


def synthetic(series, days, folder):
    """Returns the file of the documented synthetic panel, made where it is not there yet."""
    file = Path(folder) / f"synth_{series}x{days}.parquet"
    if not file.exists():
        python = asked.peers or "python3"
        subprocess.run([python, asked.bench / "gen_synth.py", str(series), str(days), file], check=True, stdout=subprocess.DEVNULL)
    return file


print("| panel | model | MASE | to best peer | 80 % covers | 95 % covers | series a CPU second |\n|---|---|---|---|---|---|---|")
for panel in filter(None, asked.panels.split(",")):
    data = asked.bench / "data"
    meta = json.loads((data / f"{panel}.json").read_text())
    train, test = (pl.read_parquet(data / f"{panel}_{part}.parquet") for part in ("train", "test"))
    compare(panel, panel, data / f"{panel}_train.parquet", train, test, meta["horizon"], meta["season"])

with tempfile.TemporaryDirectory() as folder:
    if asked.synthetic:
        file = synthetic(asked.synthetic, DAYS + HORIZON, folder)
        step = pl.int_range(pl.len()).over("unique_id")
        rows = pl.read_parquet(file, columns=["unique_id", "ds", "y"])
        train, test = rows.filter(step < DAYS), rows.filter(step >= DAYS)
        train.write_parquet(Path(folder) / "train.parquet")
        # The runner joins its own data folder with the name: a path from the root stands for itself.
        compare(f"synthetic {asked.synthetic:,} × {DAYS}", f"synth:{file}:{DAYS}", Path(folder) / "train.parquet", train, test, HORIZON, SEASON, asked.sample)
    if asked.scaling:
        print("\n| series | CPU s | series a CPU second | wall s | peak MB | panel in memory MB |\n|---|---|---|---|---|---|")
    for count in map(int, filter(None, asked.scaling.split(","))):
        file = synthetic(count, DAYS, asked.folder or folder)
        _, (cpu_s, wall_s, peak_mb) = forecast(file, HORIZON, SEASON, "fast", threads=2)
        held_mb = count * DAYS * ROW_BYTES / 2**20
        print(f"| {count:,} | {cpu_s:.2f} | {count / cpu_s:,.0f} | {wall_s:.2f} | {peak_mb:.0f} | {held_mb:,.0f} |", flush=True)
