"""How good and how fast `muavu forecast --panel` is, beside the Python peers, on the same panels.

  python tests/bench/panel.py MUAVU BENCH [--peers PYTHON] [--panels a,b] [--models AutoETS,AutoTheta]

MUAVU is the release binary, BENCH the folder of panels and the peers' runner (../shared/bench);
PYTHON an interpreter with BENCH/requirements.txt. Needs polars. Prints one line a panel and mode:
MASE (in-sample seasonal naive scale, mean over series), coverage of the 80 and 95 % intervals over
all steps and its least and greatest step, and CPU seconds of the whole command, reading and writing
included, on one thread. Nothing here asserts: a busy machine must not fail a build.
"""
import argparse, json, os, resource, subprocess, sys, tempfile, time
from pathlib import Path

import polars as pl

parser = argparse.ArgumentParser()
parser.add_argument("muavu")
parser.add_argument("bench", type=Path)
parser.add_argument("--peers")
parser.add_argument("--panels", default="m3_monthly,m3_quarterly,m3_yearly,m3_other,tourism_monthly,tourism_quarterly,tourism_yearly")
parser.add_argument("--models", default="AutoETS,AutoTheta")
asked = parser.parse_args()


def children_cpu_s():
    use = resource.getrusage(resource.RUSAGE_CHILDREN)
    return use.ru_utime + use.ru_stime


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


def ours(panel, meta, train, test, mode):
    with tempfile.TemporaryDirectory() as folder:
        out = Path(folder) / "forecast.parquet"
        began = children_cpu_s()
        subprocess.run(
            [asked.muavu, "forecast", "--panel", asked.bench / "data" / f"{panel}_train.parquet", "--horizon", str(meta["horizon"]),
             "--season", str(meta["season"]), "--mode", mode, "--threads", "1", "--output", out, "--quiet"],
            check=True)
        cpu_s = children_cpu_s() - began
        forecast = pl.read_parquet(out).with_columns(pl.col("unique_id").cast(test["unique_id"].dtype), pl.col("ds").cast(test["ds"].dtype))
    mase, covers, missing = score(forecast, test, train, meta["season"])
    series = train["unique_id"].n_unique()
    show = lambda level: "{:.1f} [{:.1f}, {:.1f}]".format(*(100 * v for v in covers[level]))
    print(f"{panel:18} muavu {mode:10} MASE {mase:.3f}  80 % {show(80)}  95 % {show(95)}  {series / cpu_s:9.0f} series/CPU s"
          + (f"  {missing} steps without a forecast" if missing else ""), flush=True)


def peer(panel, model):
    run = subprocess.run([asked.peers, "bench_one.py", panel, model, "--jobs", "1"], cwd=asked.bench, capture_output=True, text=True)
    if run.returncode != 0:
        print(f"{panel:18} {model}: failed, {run.stderr.strip().splitlines()[-1:]}")
        return
    print(f"{panel:18} {model:16} {run.stdout.strip()}", flush=True)


for panel in asked.panels.split(","):
    data = asked.bench / "data"
    meta = json.loads((data / f"{panel}.json").read_text())
    train, test = (pl.read_parquet(data / f"{panel}_{part}.parquet") for part in ("train", "test"))
    for mode in ("auto", "fast"):
        ours(panel, meta, train, test, mode)
    if asked.peers:
        for model in asked.models.split(","):
            peer(panel, model)
