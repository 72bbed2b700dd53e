"""Draws reliability.svg and prints its table, from the forecasts of a backtest.

    muavu backtest rain_occurrence --forecasts rain.csv
    python3 models/rain_occurrence/reliability.py rain.csv

Standard library only. Odds are sorted into tenths; a tenth with fewer than CASES_MIN forecasts is
not drawn, as its share of wet days is known to no better than 5 points (one standard error).
"""

import csv
import sys
from pathlib import Path

LEADS = {"1": "#1b6ca8", "3": "#c0392b", "7": "#777"}
CASES_MIN = 100
LEFT, TOP, SIZE = 60, 34, 300  # of the square, in SVG units


def tenths(path):
    """Returns by lead, for each tenth of the published odds: cases, their sum, wet days."""
    found = {lead: [[0, 0.0, 0] for _ in range(10)] for lead in LEADS}
    with open(path, newline="", encoding="utf-8") as file:
        for row in csv.DictReader(file):
            if row["model"] == "published" and row["horizon"] in LEADS:
                odds = float(row["q50"])
                tenth = found[row["horizon"]][min(int(odds * 10), 9)]
                tenth[0] += 1
                tenth[1] += odds
                tenth[2] += float(row["y"]) > 0.5
    return found


def svg(found):
    """Returns the diagram: stated odds across, share of wet days up."""
    x, y = (lambda odds: LEFT + SIZE * odds), (lambda share: TOP + SIZE * (1 - share))
    parts = [
        '<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 480 390" role="img"'
        ' font-family="sans-serif" font-size="12"><title>Reliability of the odds of a wet day'
        '</title><rect width="480" height="390" fill="#fff"/>',
        f'<text x="{LEFT}" y="20" font-size="14">Reliability of the odds of a wet day</text>',
        f'<line x1="{x(0)}" y1="{y(0)}" x2="{x(1)}" y2="{y(1)}" stroke="#aaa"/>',
        f'<text x="{LEFT}" y="{TOP + SIZE + 40}" fill="#333">stated odds (across), wet days that'
        " came (up)</text>",
    ]
    for tick in (0, 0.25, 0.5, 0.75, 1):
        parts.append(f'<text x="{x(tick)}" y="{y(0) + 18}" text-anchor="middle">{tick:g}</text>')
        parts.append(f'<text x="{x(0) - 8}" y="{y(tick) + 4}" text-anchor="end">{tick:g}</text>')
    for place, (lead, colour) in enumerate(LEADS.items()):
        points = [(s / n, wet / n) for n, s, wet in found[lead] if n >= CASES_MIN]
        line = " ".join(f"{x(a):.1f},{y(b):.1f}" for a, b in points)
        parts.append(f'<polyline points="{line}" fill="none" stroke="{colour}" stroke-width="2"/>')
        parts += [f'<circle cx="{x(a):.1f}" cy="{y(b):.1f}" r="3" fill="{colour}"/>' for a, b in points]
        parts.append(f'<text x="380" y="{TOP + 16 + 18 * place}" fill="{colour}">lead {lead}</text>')
    return "".join([*parts, "</svg>\n"])


def main():
    found = tenths(sys.argv[1])
    Path(__file__).with_name("reliability.svg").write_text(svg(found), encoding="utf-8")
    for lead, rows in found.items():
        shown = (f"{100 * s / n:.1f} {100 * wet / n:.1f} {n:,}" for n, s, wet in rows if n)
        print(f"Lead {lead}: " + " · ".join(shown))


if __name__ == "__main__":
    main()
