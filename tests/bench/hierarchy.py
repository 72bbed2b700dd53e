"""How fast and how alike `muavu forecast --hierarchy` reconciles, beside hierarchicalforecast.

  python tests/bench/hierarchy.py MUAVU                     # 1,628 nodes, both in one go
  python tests/bench/hierarchy.py --fixture OUT.json        # numbers of a small case, for the tests

Needs numpy, polars, hierarchicalforecast 1.5.3. The large case: 1,500 monthly series (5 years, made
up: level, season, shared and own noise) under a total, 5 regions, 40 provinces, 7 crops, 35 regions by
crop and 40 further groups. Ours is measured inside the command ("reconciled by ... in ms", intervals
included), theirs around fit_predict (no intervals). Theirs gets our base forecasts of all nodes made
without --hierarchy: these differ in the fourth digit, since more past origins are looked at with it, so
the difference printed is no rounding; the fixture is what shows that the numbers are the same.
Nothing here asserts: a busy machine must not fail a build.
"""
import argparse, json, re, subprocess, tempfile, time
from importlib.metadata import version
from pathlib import Path

import numpy as np
from hierarchicalforecast.methods import BottomUp, MinTrace, MinTraceSparse

parser = argparse.ArgumentParser()
parser.add_argument("muavu", nargs="?")
parser.add_argument("--fixture", type=Path)
asked = parser.parse_args()
HORIZON, MONTHS, BOTTOMS = 12, 60, 1500


def theirs(method, S, y_hat, residuals):
    """Reconciled forecasts of hierarchicalforecast (rows = nodes, cols = steps), and its seconds.

    It refuses residuals that add up to 0. Its mint_shrink takes the mean off, so they are moved; its
    wls_var takes squares, so every other one changes its sign: neither changes a result.
    """
    residuals = residuals + 1.0 if method == "mint_shrink" else residuals * (-1.0) ** np.arange(residuals.shape[1])
    reconciler = BottomUp() if method == "bottom_up" else MinTrace(method=method)
    zero = np.zeros_like(residuals)
    began = time.perf_counter()
    given = {} if method == "bottom_up" else {"y_insample": residuals, "y_hat_insample": zero}
    found = reconciler.fit_predict(S=S, y_hat=y_hat, **given)
    return found["mean"], time.perf_counter() - began


def fixture(path):
    """Total, two regions of three and two, two crops: 8 nodes by 3 steps, 12 errors of zero mean."""
    rng = np.random.default_rng(7)
    groups = [[0, 1, 2, 3, 4], [0, 1, 2], [3, 4], [0, 3], [1, 2, 4]]
    A = np.array([[1.0 if j in g else 0.0 for j in range(5)] for g in groups])
    S = np.vstack([A, np.eye(5)])
    y_hat = np.round(S @ rng.uniform(5, 50, (5, 3)) * rng.uniform(0.9, 1.1, (10, 3)), 3)
    shared = rng.normal(size=12)
    residuals = np.round((S @ (rng.normal(size=(5, 12)) * [[1], [2], [1], [4], [3]] + shared)) + rng.normal(size=(10, 12)), 3)
    residuals -= residuals.mean(axis=1, keepdims=True)
    methods = ["bottom_up", "ols", "wls_struct", "wls_var", "mint_shrink"]
    path.write_text(json.dumps({
        "made_by": f"tests/bench/hierarchy.py --fixture, hierarchicalforecast {version('hierarchicalforecast')}",
        "groups": groups, "bottoms": 5, "horizon": 3,
        "base": y_hat.ravel().tolist(), "residuals_by_moment": residuals.T.ravel().tolist(),
        "reconciled": {m: theirs(m, S, y_hat, residuals)[0].ravel().tolist() for m in methods},
    }, indent=1) + "\n")


def large(folder):
    import polars as pl
    rng = np.random.default_rng(1628)
    i = np.arange(BOTTOMS)
    province, crop = i % 40, (i // 40) % 7
    labels = pl.DataFrame({"unique_id": [f"s{k:04}" for k in i], "region": [f"r{p % 5}" for p in province],
                           "province": [f"p{p:02}" for p in province], "crop": [f"c{c}" for c in crop],
                           "group": [f"g{k % 40:02}" for k in i * 7 // 3]})
    t = np.arange(MONTHS)
    level = rng.lognormal(4, 1, BOTTOMS)[:, None]
    season = 1 + 0.3 * np.sin(2 * np.pi * (t[None] / 12 + rng.uniform(size=(BOTTOMS, 1))))
    shared = rng.normal(size=(5, MONTHS))[province % 5]
    y = level * (season + 0.1 * shared + 0.15 * rng.normal(size=(BOTTOMS, MONTHS)))
    long = pl.DataFrame({"unique_id": np.repeat(labels["unique_id"].to_numpy(), MONTHS), "ds": np.tile(t, BOTTOMS), "y": y.ravel()})
    long = long.join(labels, on="unique_id", how="left", maintain_order="left")
    panel = folder / "panel.parquet"
    long.write_parquet(panel)
    return panel, labels


def ours(panel, out, method, spec):
    run = subprocess.run([asked.muavu, "forecast", "--panel", panel, "--horizon", str(HORIZON), "--season", "12", "--mode", "fast",
                          "--hierarchy", spec, "--reconcile", method, "--output", out], capture_output=True, text=True, check=True)
    return float(re.search(r" in ([0-9.]+) ms", run.stderr).group(1)) / 1e3


def race(folder):
    import polars as pl
    spec = "total,region,province,crop,region/crop,group"
    panel, labels = large(folder)
    by_method = {}
    for method in ["bottom_up", "ols", "wls_struct", "wls_var", "mint_shrink"]:
        out = folder / f"{method}.parquet"
        seconds = min(ours(panel, out, method, spec) for _ in range(5))
        by_method[method] = seconds, pl.read_parquet(out)
    ids = by_method["ols"][1]["unique_id"].unique(maintain_order=True).to_list()
    members = {}
    for level in [[], ["region"], ["province"], ["crop"], ["region", "crop"], ["group"]]:
        for row in labels.iter_rows(named=True):
            members.setdefault("/".join(row[c] for c in level) or "total", set()).add(row["unique_id"])
    bottoms = labels["unique_id"].to_list()
    place = {name: k for k, name in enumerate(bottoms)}
    S = np.zeros((len(ids), len(bottoms)))
    for k, name in enumerate(ids):
        S[k, [place[b] for b in members.get(name, {name})]] = 1.0
    y = pl.read_parquet(panel).select("unique_id", "ds", "y").pivot(on="ds", index="unique_id", values="y").drop("unique_id").to_numpy()
    nodes = pl.DataFrame({"unique_id": np.repeat(ids, MONTHS), "ds": np.tile(np.arange(MONTHS), len(ids)), "y": (S @ y).ravel()})
    nodes.write_parquet(folder / "nodes.parquet")
    base = folder / "base.parquet"
    subprocess.run([asked.muavu, "forecast", "--panel", folder / "nodes.parquet", "--horizon", str(HORIZON), "--season", "12",
                    "--mode", "fast", "--output", base, "--quiet"], check=True)
    y_hat = pl.read_parquet(base)["forecast"].to_numpy().reshape(len(ids), HORIZON)
    residuals = np.diff(S @ y, axis=1, n=1)
    residuals -= residuals.mean(axis=1, keepdims=True)
    print(f"{len(ids)} nodes, {HORIZON} steps; hierarchicalforecast {version('hierarchicalforecast')}, numpy {np.__version__}")
    for method, (seconds, found) in by_method.items():
        mean, their_s = theirs(method, S, y_hat, residuals)
        line = f"{method:12} ours {1e3 * seconds:7.1f} ms   theirs {1e3 * their_s:8.1f} ms"
        if method in ("bottom_up", "ols", "wls_struct"):
            apart = np.abs(found["forecast"].to_numpy().reshape(mean.shape) - mean).max() / np.abs(mean).max()
            line += f"   largest difference / largest value {apart:.1e}"
        print(line, flush=True)
    from scipy import sparse
    began = time.perf_counter()
    MinTraceSparse(method="wls_struct").fit_predict(S=sparse.csr_matrix(S), y_hat=y_hat)
    print(f"wls_struct, their sparse way: {1e3 * (time.perf_counter() - began):.1f} ms")


if asked.fixture:
    fixture(asked.fixture)
if asked.muavu:
    with tempfile.TemporaryDirectory() as name:
        race(Path(name))
