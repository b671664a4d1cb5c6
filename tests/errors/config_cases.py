# SPDX-License-Identifier: Apache-2.0
"""Policies, chips, settings and sweeps that must be refused."""

from malformed_case import CHIP, NETWORK, POLICY, SWEEP, Case, edited

TINY = {"tiny.yaml": NETWORK}
WITHOUT_AXES = SWEEP.split("axes:", maxsplit=1)[0] + "policy: uniform8\n"
ADC = "adc: {kind: fixed, energy: 2 pJ, rate: 1 GHz, area: 1200 um2, source: test}"


def bits(value):
    """The policy with other weight bits in its default."""
    return edited(POLICY, ("default: {weights: 8", f"default: {{weights: {value}"))


def chip(old, new):
    return edited(CHIP, (old, new))


def sweep(*changes):
    return edited(SWEEP, *changes)


POLICIES = {
    "negative_bits": (bits("-4"), 'default.weights: found "-4"', "from 1 to 32"),
    "zero_bits": (bits("0"), 'default.weights: found "0"', "from 1 to 32"),
    "33_bits": (bits("33"), 'default.weights: found "33"', "from 1 to 32"),
    "bits_as_word": (bits("eight"), 'default.weights: found "eight"'),
    "half_bits": (bits("8.5"), 'default.weights: found "8.5"'),
    "nan_bits": (bits(".nan"), 'default.weights: found ".nan"'),
    "exponent_bits": (bits("1e1"), 'default.weights: found "1e1"'),
    "huge_bits": (bits("9" * 40), "default.weights: found \"9999"),
    "bits_as_list": (bits("[8]"), "default.weights: found a list"),
    "absent_bits": (bits(""), "default.weights: "),
    "no_default": (edited(POLICY, ("default: {weights: 8, activations: 8}\n", "")),
                   "default: missing"),
    "no_activations": (edited(POLICY, (", activations: 8", "")), "default.activations: missing"),
    "unknown_key": (edited(POLICY, ("weights: 6", "weights: 6, activation: 4")), ":5:",
                    'layers.fc.activation: unknown key; did you mean "activations"?'),
    "no_match": (edited(POLICY, ("fc:", "cf:")), ":5:", '"cf" matches no weight layer',
                 "conv1, fc"),
    "glob_without_match": (edited(POLICY, ("fc:", '"layer*":')), ":5:",
                           '"layer*"'),
    "position_without_match": (edited(POLICY, ("fc:", '"#7":')), ":5:", '"#7"'),
    "layer_without_weights": (edited(POLICY, ("fc:", "relu1:")), ":5:", '"relu1"'),
    "open_glob": (edited(POLICY, ("fc:", '"[fc":')), ":5:", "[fc"),
    "no_bits": (edited(POLICY, ("{weights: 6}", "{}")), "layers.fc", "found no bits"),
    "duplicate_pattern": (POLICY + "  fc: {weights: 4}\n", ":6:", "layers.fc: duplicate key"),
    "list_of_layers": (edited(POLICY, ("  fc: {weights: 6}", "  - fc")), "layers: found a list"),
    "empty": ("", "the file is empty"),
}

CHIPS = {
    "bare_number": (chip("read_time: 100 ns", "read_time: 100"), 'macro.read_time: found "100"',
                    "unit"),
    "negative_time": (chip("100 ns", "-100 ns"), 'macro.read_time: found "-100 ns"'),
    "wrong_unit": (chip("100 ns", "100 pJ"), 'macro.read_time: found "100 pJ"', "ns"),
    "unknown_unit": (chip("100 ns", "100 parsec"), 'macro.read_time: found "100 parsec"'),
    "nan_time": (chip("100 ns", "nan ns"), 'macro.read_time: found "nan ns"'),
    "infinite_time": (chip("100 ns", "inf ns"), 'macro.read_time: found "inf ns"'),
    "overflowing_energy": (chip("energy: 2 pJ", "energy: 1e400 pJ"),
                           'components.adc.energy: found "1e400 pJ"'),
    "overflowing_rows": (chip("rows: 64", "rows: 1e400"), 'macro.rows: found "1e400"'),
    "zero_rows": (chip("rows: 64", "rows: 0"), 'macro.rows: found "0"', "from 1 to 65536"),
    "huge_rows": (chip("rows: 64", "rows: 99999999999999999999"),
                  'macro.rows: found "99999999999999999999"'),
    "zero_cell_bits": (chip("cell_bits: 1", "cell_bits: 0"), 'macro.cell_bits: found "0"'),
    "no_columns": (chip("  columns: 64\n", ""), "macro.columns: missing"),
    "unknown_encoding": (chip("twos_complement", "two_complement"),
                         'macro.encoding: found "two_complement"',
                         'did you mean "twos_complement"?'),
    "no_rate": (chip("rate: 1 GHz, ", ""), "adc", "rate"),
    "unknown_kind": (chip("kind: fixed", "kind: fixd"), 'components.adc.kind: found "fixd"',
                     'did you mean "fixed"?'),
    "no_kind": (chip("kind: fixed, ", ""), "components.adc.kind: missing"),
    "no_source": (chip("um2, source: test}\ncore", "um2}\ncore"),
                  "components.adc.source: missing"),
    "unknown_component": (chip("    adc: ", "    adx: {}\n    adc: "), "macro.components.adx",
                          'did you mean "adc"?'),
    "no_adc": (chip(f"    {ADC}\n", ""), "macro.readout", "expected an adc"),
    "no_components": (edited(CHIP, ("  components:", "  #"), ("    array:", "#"),
                             ("    adc:", "#")), "macro.readout", "expected an adc"),
    "digital_with_adc": (edited(CHIP, ("  columns_per_adc: 64", "  readout: digital")),
                         "macro.readout", "found digital readout beside an adc"),
    "digital_with_shared_adc": (edited(CHIP, ("  dac_bits: 1", "  dac_bits: 1\n  readout: digital"),
                                       (f"    {ADC}\n", "")),
                                "macro.columns_per_adc", "given beside digital readout"),
    "counted_adcs": (chip("energy: 2 pJ", "count: 3, energy: 2 pJ"), "components.adc.count",
                     "follows from macro.columns_per_adc"),
    "energy_twice": (chip("energy: 2 pJ", "energy: 2 pJ, power: 1 mW"), "components.adc",
                     "given twice"),
    "negative_count": (chip("kind: crossbar", "count: -1, kind: crossbar"),
                       'components.array.count: found "-1"'),
    "duplicate_key": (chip("  macros: 4", "  macros: 4\n  macros: 8"), ":17:",
                      "core.macros: duplicate key; first on line 16"),
    "empty_section": (chip("core:\n  macros: 4", "core:"), ":15:", "core"),
    "zero_tiles": (chip("tiles: auto", "tiles: 0"), 'chip.tiles: found "0"'),
    "word_for_tiles": (chip("tiles: auto", "tiles: some"), 'chip.tiles: found "some"', "auto"),
    "does_not_fit": (edited(CHIP, ("tiles: auto", "tiles: 1"), ("cores: 4", "cores: 1")),
                     "the network does not fit", 'layer "fc" needs', "raise chip.tiles"),
    "absent_include": ("include: nowhere.yaml\n" + CHIP, ":1:", "include:", "nowhere.yaml"),
    "include_of_itself": ("include: include_of_itself.yaml\n" + CHIP, ":1:", "includes itself"),
    "include_of_list": ("include: [a, b]\n" + CHIP, ":1:", "expected the name of one file"),
}

SETTINGS = {
    "unknown_field": ("macro.rwos=64", 'macro.rwos: unknown key; did you mean "rows"?'),
    "unknown_section": ("makro.rows=64", "makro", 'did you mean "macro"?'),
    "unknown_layer": ("network.layers.conv9.kernel=3", 'no element "conv9"',
                      'did you mean "conv1"?'),
    "below_a_value": ("macro.rows.more=1", 'macro.rows holds "128", which has no fields'),
    "no_equals": ("macro.rows", "--set macro.rows: expected PATH=VALUE"),
    "no_path": ("=64", "--set =64: expected PATH=VALUE"),
    "no_value": ("macro.rows=", "--set macro.rows=: macro.rows: "),
    "empty_element": ("macro..rows=64", "the path has an empty element"),
    "no_number": ("macro.rows=many", '--set macro.rows=many: macro.rows: found "many"'),
    "bare_number": ("macro.read_time=5", '--set macro.read_time=5: macro.read_time: found "5"'),
    "open_bracket": ("macro.rows=[64", "--set macro.rows=[64: ", "is a bracket left open?"),
    "long_path": ("a" * 200 + ".b" * 200 + "=1", "the path has more than"),
    "policy": ("policy.default.weights=99",
               "default.weights=99: ", 'default.weights: found "99"'),
    "network": ("network.input.bits=0", "input.bits=0: ", 'input.bits: found "0"'),
}

SWEEPS = {
    "unknown_axis": (sweep(("macro.rows", "macro.rwos")), "macro.rwos",
                     'did you mean "rows"?'),
    "empty_axis": (sweep(("[64, 128]", "[]")), "axes.macro.rows: found an empty list"),
    "axis_of_one_word": (sweep(("[64, 128]", "64")), 'axes.macro.rows: found "64"'),
    "no_axes": (WITHOUT_AXES, "axes: missing"),
    "empty_axes": (WITHOUT_AXES + "axes: {}\n", "axes: found no axis"),
    "same_value": (sweep(("[64, 128]", "[64, 64]")), "axes.macro.rows.1: found 64 twice"),
    "same_axis": (SWEEP + "  macro.columns,macro.rows: [[64, 64]]\n",
                  '"macro.rows" is given twice'),
    "short_step": (SWEEP + "  macro.columns,macro.columns_per_adc: [[64]]\n",
                   "found 1 values; expected 2"),
    "huge_product": (SWEEP + "".join(f"  macro.x{i}: [{', '.join(map(str, range(99)))}]\n"
                                     for i in range(20)), "make more than 1000000 points"),
    "absent_network": (sweep(("./tiny.yaml", "./nowhere.yaml")), "network: ", "nowhere.yaml",
                       "no such file"),
    "unknown_network": (sweep(("./tiny.yaml", "resnet18")), "network: ", '"resnet18"'),
    "no_network": (sweep(("network: ./tiny.yaml\n", "")), '"network" is missing'),
    "unknown_chip": (sweep(("reram_128x128_1b", "isac_ce")), 'chip: ', 'did you mean "isaac_ce"?'),
    "unknown_policy": (sweep(("uniform4", "unform4")), "policy: ", '"unform4"'),
    "unknown_strategy": (SWEEP + "  strategy: [dense, dens]\n", 'strategy: found "dens"'),
    "zero_images": (SWEEP + "  images: [0]\n", 'axes.images.0: found "0"', "from 1 to 1000000"),
    "name_with_slash": (sweep(("name: small", "name: ../small")), 'name: found "../small"'),
    "word_in_set": (SWEEP + "set: {network: vgg8}\n", "set.network", "stands outside of set"),
    "wrong_first_point": (sweep(("[64, 128]", "[0, 64]")), "the first of 4 points is wrong",
                          'macro.rows: found "0"'),
    "bare_quantity": (SWEEP + "  macro.read_time: [100]\n", "macro.read_time", '"100"', "unit"),
}

CHIP_COMMANDS = (("chip",), ("run", "./tiny.yaml", "--chip"), ("map", "./tiny.yaml", "--chip"),
                 ("compare", "./tiny.yaml", "--chip"))
POLICY_COMMANDS = (("run", "./tiny.yaml", "--policy"), ("inspect", "./tiny.yaml", "--policy"),
                   ("map", "./tiny.yaml", "--policy"), ("compare", "./tiny.yaml", "--policies"))


def table(kind, entries, commands):
    made = []
    for number, (name, (text, *expects)) in enumerate(entries.items()):
        command = commands[number % len(commands)]
        if name == "does_not_fit":
            command = ("run", "./tiny.yaml", "--chip")
        made.append(Case(f"{kind}.{name}", (*command, f"./{name}.yaml"),
                         (f"{name}.yaml", *expects), TINY | {f"{name}.yaml": text}))
    return made


def cases():
    made = table("policy", POLICIES, POLICY_COMMANDS)
    made += table("chip", CHIPS, CHIP_COMMANDS)
    made += table("sweep", SWEEPS, (("sweep",),))
    circle = {"a.yaml": "include: b.yaml\n" + CHIP, "b.yaml": "include: c.yaml\n",
              "c.yaml": "include: a.yaml\n"}
    made.append(Case("chip.include_cycle", ("chip", "./a.yaml"),
                     ("yaml:1:10: include: ", "includes itself: ",
                      "a.yaml -> b.yaml -> c.yaml"), circle))
    chain = {f"{i}.yaml": f"include: {i + 1}.yaml\n" for i in range(20)}
    made.append(Case("chip.include_chain", ("chip", "./0.yaml"), ("more than 8 deep",), chain))
    for name, (setting, *expects) in SETTINGS.items():
        made.append(Case(f"set.{name}", ("run", "./tiny.yaml", "--chip", "reram_128x128_1b",
                                         "--set", setting), tuple(expects), TINY))
    return made
