#!/usr/bin/python3
# SPDX-License-Identifier: Apache-2.0
"""Draws docs/accuracy.svg: the accuracy of the trained digits_cnn on its real images against the bits
of the ADC, the rows of the array and what cells are made of. Every point is a run of the program.

Needs gnuplot (scripts/install_packages.sh figures). The points go to docs/accuracy.csv.

Example: accuracy_figure.py --pimento build/release/bin/pimento
"""

import argparse
import csv
import json
import subprocess
import sys
from pathlib import Path

DOCS = Path(__file__).resolve().parents[2] / "docs"
BITS = range(3, 9)
ROWS = (64, 128, 256, 512)
LOGNORMAL = ["--device", "rram_forms2021"]
# Name in the figure -> options of the run.
DEVICES = {
    "ideal cells": [],
    "lognormal 5 %": LOGNORMAL + ["--set", "device.programming.sigma=0.05"],
    "lognormal 10 %": LOGNORMAL,
    "lognormal 20 %": LOGNORMAL + ["--set", "device.programming.sigma=0.2"],
    "RRAM, 1 day (Wan 2022)": ["--device", "rram_wan2022_1day"],
    "PCM, 1 day (Nandakumar 2019)": ["--device", "pcm_nandakumar2019"],
}
FIELDS = ("panel", "series", "rows", "adc_bits", "range", "accuracy", "deviation")

PLOT = """
set terminal svg size 1320,520 font "sans,12" background "white"
set output "{svg}"
set datafile separator ","
set multiplot layout 1,3
set yrange [0:102]
set ylabel "accuracy, %"
set key below maxcols 2 samplen 2
set xrange [2.8:8.2]
set grid ytics
set xtics 1
set xlabel "bits of the ADC"
set title "ideal cells, full range of the ADC"
plot {full}
set title "128 rows, range by least error"
plot {devices}
set logscale x 2
set xrange [58:564]
set xtics (64, 128, 256, 512)
set xlabel "rows read together"
set title "8-bit ADC, range by least error"
plot {rows}
unset multiplot
"""


def measured(pimento, rows, bits, adc_range, device, options):
    command = [pimento, "run", "digits_cnn", "--chip", "reram_128x128_1b", "--exact", "--labels",
               "--images", str(options.images), "--adc-range", adc_range, "--adc-images", "20",
               "--set", f"macro.rows={rows}", "--set", f"macro.components.adc.bits={bits}", "--json",
               *device]
    if device:
        command += ["--seeds", str(options.seeds)]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    if done.returncode != 0:
        sys.exit(f"error: {' '.join(command)}: {done.stderr.strip()}")
    exact = json.loads(done.stdout)["exact"]
    return 100 * exact["accuracy"], 100 * (exact["accuracy_deviation"] or 0.0)


def points(options):
    """Rows of the table, in the order of the panels."""
    jobs = [("bits", f"{rows} rows", rows, bits, "full", []) for rows in ROWS for bits in BITS]
    jobs += [("devices", name, 128, bits, "mse", device)
             for name, device in DEVICES.items() for bits in BITS]
    jobs += [("rows", name, rows, 8, "mse", device)
             for name, device in DEVICES.items() for rows in ROWS]
    for number, (panel, series, rows, bits, adc_range, device) in enumerate(jobs, start=1):
        if sys.stderr.isatty():
            print(f"\r{number} of {len(jobs)}", end="", file=sys.stderr, flush=True)
        accuracy, deviation = measured(options.pimento, rows, bits, adc_range, device, options)
        yield dict(zip(FIELDS, (panel, series, rows, bits, adc_range, f"{accuracy:.2f}",
                                f"{deviation:.2f}")))


def curves(table, panel, x):
    """What gnuplot draws for a panel, with its data in place."""
    series = list(dict.fromkeys(row["series"] for row in table if row["panel"] == panel))
    drawn, blocks = [], []
    for index, name in enumerate(series, start=1):
        block = f"${panel}{index}"
        lines = [f"{row[x]},{row['accuracy']},{row['deviation']}" for row in table
                 if row["panel"] == panel and row["series"] == name]
        blocks.append(f"{block} << EOD\n" + "\n".join(lines) + "\nEOD\n")
        drawn.append(f'{block} using 1:2:3 with yerrorlines lw 1.5 pt {index + 3} ps 0.7 '
                     f'title "{name}"')
    return "".join(blocks), ", ".join(drawn)


def draw(table, svg):
    full, devices, rows = (curves(table, "bits", "adc_bits"), curves(table, "devices", "adc_bits"),
                           curves(table, "rows", "rows"))
    script = full[0] + devices[0] + rows[0] + PLOT.format(svg=svg, full=full[1],
                                                          devices=devices[1], rows=rows[1])
    subprocess.run(["gnuplot"], input=script, text=True, check=True)


def main():
    parser = argparse.ArgumentParser(description=__doc__,
                                     formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--pimento", default="build/release/bin/pimento", help="the program")
    parser.add_argument("--images", type=int, default=360, help="of the 360 there are")
    parser.add_argument("--seeds", type=int, default=3, help="programmings of real cells")
    parser.add_argument("--draw-only", action="store_true", help="the points of docs/accuracy.csv")
    options = parser.parse_args()
    if options.draw_only:
        with open(DOCS / "accuracy.csv", newline="", encoding="utf-8") as file:
            draw(list(csv.DictReader(file)), DOCS / "accuracy.svg")
        return
    table = list(points(options))
    with open(DOCS / "accuracy.csv", "w", newline="", encoding="utf-8") as file:
        writer = csv.DictWriter(file, FIELDS, lineterminator="\n")
        writer.writeheader()
        writer.writerows(table)
    draw(table, DOCS / "accuracy.svg")


if __name__ == "__main__":
    main()
