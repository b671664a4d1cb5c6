# SPDX-License-Identifier: Apache-2.0
"""What a case of malformed input is, and the well-formed inputs that cases are made from."""

import dataclasses

NETWORK = """\
schema: pimento/network/1
name: tiny
input: {shape: [3, 8, 8]}
layers:
  - {name: conv1, op: conv, out_channels: 16, kernel: 3, pad: 1}
  - {name: relu1, op: relu}
  - {name: flatten, op: flatten}
  - {name: fc, op: linear, out_features: 10}
"""

POLICY = """\
schema: pimento/policy/1
name: mine
default: {weights: 8, activations: 8}
layers:
  fc: {weights: 6}
"""

CHIP = """\
schema: pimento/chip/1
name: small
source: made for this test
macro:
  rows: 64
  columns: 64
  cell_bits: 1
  dac_bits: 1
  encoding: twos_complement
  columns_per_adc: 64
  read_time: 100 ns
  components:
    array: {kind: crossbar, cell_energy: 2 fJ, cell_area: 0.002 um2, rate: 10 MHz, source: test}
    adc: {kind: fixed, energy: 2 pJ, rate: 1 GHz, area: 1200 um2, source: test}
core:
  macros: 4
tile:
  cores: 4
chip:
  tiles: auto
"""

SWEEP = """\
schema: pimento/sweep/1
name: small
network: ./tiny.yaml
chip: reram_128x128_1b
axes:
  policy: [uniform8, uniform4]
  macro.rows: [64, 128]
"""


@dataclasses.dataclass(frozen=True)
class Case:
    """A command line that must be refused.

    `files` are made in the folder the command runs in: bytes, text, or a function of the path.
    `expects` are parts of the message, which has as many `lines` as the inputs have mistakes.
    """

    name: str
    command: tuple
    expects: tuple
    files: dict = dataclasses.field(default_factory=dict)
    lines: int = 1


def edited(text, *changes):
    """`text` with every (old, new) replaced; what is to be replaced must be there exactly once."""
    for old, new in changes:
        if text.count(old) != 1:
            raise ValueError(f"{old!r} is {text.count(old)} times in the text, expected once")
        text = text.replace(old, new)
    return text
