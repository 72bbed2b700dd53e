"""Boosted trees of ours and LightGBM's on the same 140,400 rows by 8 features.

  python tests/bench/trees.py BENCH "cargo bench --bench trees --"

BENCH is the peers' folder (../shared/bench); needs its requirements. The rows are those of the first
200 series of the synthetic daily panel, as bench_one.py makes them: lags 1, 7, 14, 28, means of the
last 7 and 28, weekday and month, standardised series by series; rows of the last 14 days, which are
not fitted on, are the later ones. Both with 100 trees of 31 leaves, rate 0.1, 255 bins, one thread.
Nothing here asserts: a busy machine must not fail a build.
"""
import shlex, subprocess, sys, tempfile, time
from pathlib import Path

import lightgbm as lgb
import numpy as np
import polars as pl

SERIES, DAYS, LATER, REACH = 200, 730, 14, 28
bench, ours = Path(sys.argv[1]), shlex.split(sys.argv[2])


def features(file):
    rows = pl.read_parquet(file)
    y = rows["y"].to_numpy().reshape(SERIES, DAYS + LATER)
    y = (y - y[:, :DAYS].mean(1, keepdims=True)) / y[:, :DAYS].std(1, keepdims=True)
    sums = np.concatenate([np.zeros((SERIES, 1)), y.cumsum(1)], axis=1)
    t = np.arange(REACH, DAYS + LATER)
    columns = [y[:, t - lag] for lag in (1, 7, 14, 28)] + [(sums[:, t] - sums[:, t - n]) / n for n in (7, 28)]
    ds = rows["ds"][t]
    columns += [np.tile(part.to_numpy(), (SERIES, 1)) for part in (ds.dt.weekday(), ds.dt.month())]
    return np.stack([c.ravel().astype(float) for c in columns], 1), y[:, t].ravel(), np.tile(t >= DAYS, SERIES)


def theirs(x, y, later, **loss):
    # sklearn's checks and conversions stand outside: Dataset and train are what is timed.
    given = dict(num_leaves=31, learning_rate=0.1, num_threads=1, seed=0, deterministic=True, force_row_wise=True, verbosity=-1, **loss)
    took = []
    for _ in range(3):
        began = time.process_time()
        model = lgb.train(given, lgb.Dataset(x[~later], y[~later]), num_boost_round=100)
        took.append(time.process_time() - began)
    return model.predict(x, num_threads=1), min(took)


with tempfile.TemporaryDirectory() as folder:
    file = Path(folder) / "synth.parquet"
    subprocess.run([sys.executable, bench / "gen_synth.py", str(SERIES), str(DAYS + LATER), file], check=True, stdout=subprocess.DEVNULL)
    x, y, later = features(file)
    table = {f"f{k}": x[:, k] for k in range(x.shape[1])} | {"y": y, "later": later.astype(float)}
    pl.DataFrame(table).write_parquet(Path(folder) / "rows.parquet")
    root = lambda part, f: np.sqrt(np.mean((y - f)[part] ** 2))
    f, took = theirs(x, y, later)
    print(f"LightGBM {lgb.__version__}\nsquared: {took:.2f} CPU s, RMSE {root(~later, f):.4f}, later {root(later, f):.4f}", flush=True)
    for level in (0.05, 0.1, 0.9, 0.95):
        f, took = theirs(x, y, later, objective="quantile", alpha=level)
        below = lambda part: 100 * np.mean((y <= f)[part])
        print(f"quantile {level}: {took:.2f} CPU s, above {below(~later):.1f} %, of later rows {below(later):.1f} %", flush=True)
    subprocess.run([*ours, Path(folder) / "rows.parquet"], check=True)
