"""How good forecasts were: odds from quantiles, errors, coverage, reliability."""

import numpy as np
import polars as pl

from home import QUANTILES

LEVELS = np.array([0.05, 0.10, 0.25, 0.50, 0.75, 0.90, 0.95])
CASE = ["place", "issued", "horizon"]
PUBLISHED = "published"


def odds_above(rows, threshold):
    """Returns the odds (0.01 to 0.99) that each row's quantity is above `threshold`.

    The same rule as the program (`src/domain/quantiles.rs`): linear between the quantiles,
    exponential tails as wide as the spacing of the two outermost.
    """
    q = rows.select(QUANTILES).to_numpy()
    tiny = np.finfo(float).tiny
    low_scale = np.maximum((q[:, 1] - q[:, 0]) / np.log(LEVELS[1] / LEVELS[0]), tiny)
    high_scale = np.maximum((q[:, 6] - q[:, 5]) / np.log(2.0), tiny)
    next_above = np.clip((q <= threshold).sum(axis=1), 1, 6)
    row = np.arange(len(q))
    low, high = q[row, next_above - 1], q[row, next_above]
    width = np.where(high > low, high - low, 1.0)
    share = np.where(high > low, (threshold - low) / width, 1.0)
    below = LEVELS[next_above - 1] + share * (LEVELS[next_above] - LEVELS[next_above - 1])
    left = LEVELS[0] * np.exp(-np.maximum(q[:, 0] - threshold, 0) / low_scale)
    right = 1 - (1 - LEVELS[6]) * np.exp(-np.maximum(threshold - q[:, 6], 0) / high_scale)
    below = np.where(threshold <= q[:, 0], left, np.where(threshold >= q[:, 6], right, below))
    return np.clip(1 - below, 0.01, 0.99)


def in_common(rows):
    """Keeps the cases that every forecaster answered, so that all are scored on the same days."""
    models = rows["model"].n_unique()
    full = rows.group_by(CASE).agg(pl.len().alias("n")).filter(pl.col("n") == models)
    return rows.join(full.select(CASE), on=CASE, how="semi")


def models_of(rows):
    """Returns the forecasters in `rows`, ours first."""
    return sorted(rows["model"].unique().to_list(), key=lambda m: (m != PUBLISHED, m))


def mae(rows, by):
    """Returns the mean absolute error of the median, one column a forecaster, and the cases `n`."""
    error = (pl.col("q50") - pl.col("y")).abs().mean()
    wide = rows.group_by([*by, "model"]).agg(error).pivot("model", index=by, values="q50")
    counts = rows.filter(pl.col("model") == PUBLISHED).group_by(by).agg(n=pl.len())
    models = models_of(rows)
    return wide.join(counts, on=by).select(*by, "n", *models).sort(by)


def beside_best(scores, by):
    """Adds the best other forecaster to a table of [`mae`], and the share of its error saved."""
    others = [c for c in scores.columns if c not in [*by, "n", PUBLISHED]]
    best = pl.min_horizontal(others)
    name = pl.coalesce([pl.when(pl.col(c) == best).then(pl.lit(c)) for c in others])
    saved = 100 * (1 - pl.col(PUBLISHED) / best)
    return scores.with_columns(best=name, saved_pct=saved.round(0).cast(pl.Int64))


def coverage(rows, by):
    """Returns the share of outcomes (%) inside the 80 % and the 90 % interval, and their count."""
    inside = {
        "80 %": pl.col("y").is_between("q10", "q90"),
        "90 %": pl.col("y").is_between("q05", "q95"),
    }
    shares = [(100 * hit.mean()).alias(name) for name, hit in inside.items()]
    return rows.group_by(by).agg(*shares, n=pl.len()).sort(by)


def reliability(odds, happened, bins=10):
    """Returns, for each class of stated odds, their mean, how often it happened, and the count."""
    table = pl.DataFrame({"odds": odds, "happened": happened.astype(float)})
    group = (pl.col("odds") * bins).floor().clip(0, bins - 1).alias("class")
    return table.group_by(group).agg(pl.all().mean(), n=pl.len()).sort("class")


def brier(odds, happened):
    """Returns the mean squared error of odds, 0 is perfect."""
    return float(np.mean((np.asarray(odds) - np.asarray(happened, dtype=float)) ** 2))
