"""How the charts look: the same colour for the same thing in every notebook."""

import matplotlib.pyplot as plt
import polars as pl

# Okabe and Ito's palette, told apart by colour-blind readers too.
OURS, SECOND, THIRD, FOURTH, GREY = "#0072B2", "#E69F00", "#009E73", "#CC79A7", "#8a8a8a"
COLOURS = {
    "published": OURS,
    "persistence": SECOND,
    "climatology": THIRD,
    "analogue": FOURTH,
    "naive": SECOND,
    "drift": THIRD,
    "seasonal_naive": FOURTH,
    "last_year": SECOND,
    "median_5": THIRD,
    "mean_5": FOURTH,
    "trend_10": GREY,
}
SEVERITY = {"normal": "#56B4E9", "notice": "#F0E442", "warning": "#E69F00", "emergency": "#D55E00"}

plt.rcParams.update(
    {
        "axes.spines.top": False,
        "axes.spines.right": False,
        "axes.titlelocation": "left",
        "axes.titlesize": 11,
        "font.size": 10,
        "figure.constrained_layout.use": True,
        "legend.frameon": False,
    }
)
pl.Config.set_tbl_hide_dataframe_shape(True)
pl.Config.set_tbl_hide_column_data_types(True)
pl.Config.set_tbl_rows(60)
pl.Config.set_tbl_cols(20)
pl.Config.set_fmt_str_lengths(120)
pl.Config.set_tbl_width_chars(150)
pl.Config.set_float_precision(2)


def figure(columns=1, rows=1, height=3.4, note=None, **options):
    """Returns a figure ten inches wide and its axes; a note (the sample's warning) goes below."""
    chart, axes = plt.subplots(rows, columns, figsize=(10, height * rows), **options)
    if note:
        chart.supxlabel(note, fontsize=9, color="#b00020")
    return chart, axes


def fan(axis, rows, colour=OURS):
    """Draws the 90, 80 and 50 % bands and the median of `rows` (column `day`)."""
    for low, high, alpha in [("q05", "q95", 0.15), ("q10", "q90", 0.2), ("q25", "q75", 0.3)]:
        band = [rows["day"], rows[low], rows[high]]
        axis.fill_between(*band, color=colour, alpha=alpha, linewidth=0)
    axis.plot(rows["day"], rows["q50"], color=colour, linewidth=1.4, label="said: median")


def with_gaps(rows, column="day", longest=1):
    """Adds an empty row after each hole of more than `longest` days, so that no line bridges it."""
    step = (pl.col(column).shift(-1) - pl.col(column)).dt.total_days()
    holes = rows.sort(column).filter(step > longest).select(pl.col(column) + pl.duration(days=1))
    return pl.concat([rows, holes], how="diagonal").sort(column)


def limit(axis, value, text):
    """Draws a limit as a dashed line with its name at the right."""
    axis.axhline(value, color="#b00020", linestyle="--", linewidth=0.9)
    place = {"xycoords": ("axes fraction", "data"), "xytext": (3, 0), "va": "center"}
    axis.annotate(text, (1, value), textcoords="offset points", color="#b00020", **place)
