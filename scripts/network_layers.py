# SPDX-License-Identifier: Apache-2.0
"""The layers of the networks that make_networks.py writes, each as a line of a descriptor."""


def layer(name, op, **fields):
    if "from_" in fields:
        fields["from"] = fields.pop("from_")
    parts = [f"name: {name}", f"op: {op}"]
    for key, value in fields.items():
        if isinstance(value, bool):
            value = "true" if value else "false"
        if isinstance(value, list):
            value = "[" + ", ".join(map(str, value)) + "]"
        parts.append(f"{key}: {value}")
    return "  - {" + ", ".join(parts) + "}"


def conv(name, out_channels, kernel=3, stride=1, pad=1, **fields):
    shape = {"out_channels": out_channels, "kernel": kernel}
    if stride != 1:
        shape["stride"] = stride
    if pad != 0:
        shape["pad"] = pad
    return layer(name, "conv", **shape, **fields)


def vgg(plan, batch_norm, classes, hidden=None):
    """`plan` lists output channels, and "M" for a 2x2 max pool."""
    layers, convs, pools = [], 0, 0
    for item in plan:
        if item == "M":
            pools += 1
            layers.append(layer(f"pool{pools}", "max_pool", kernel=2))
            continue
        convs += 1
        layers.append(conv(f"conv{convs}", item))
        if batch_norm:
            layers.append(layer(f"bn{convs}", "batch_norm"))
        layers.append(layer(f"relu{convs}", "relu"))
    layers.append(layer("flatten", "flatten"))
    if hidden is None:
        layers.append(layer("fc", "linear", out_features=classes, bias=True))
    else:
        layers.append(layer("fc1", "linear", out_features=hidden))
        layers.append(layer(f"relu{convs + 1}", "relu"))
        layers.append(layer("fc2", "linear", out_features=classes))
    return layers


def basic_block(name, source, channels, stride, projection):
    """Two 3x3 convolutions beside a shortcut from `source`, the layer before the block."""
    layers = [
        conv(f"{name}.conv1", channels, stride=stride),
        layer(f"{name}.bn1", "batch_norm"),
        layer(f"{name}.relu1", "relu"),
        conv(f"{name}.conv2", channels),
        layer(f"{name}.bn2", "batch_norm"),
    ]
    shortcut = source
    if projection:
        shortcut = f"{name}.downsample.1"
        layers += [
            conv(f"{name}.downsample.0", channels, 1, stride, 0, from_=source),
            layer(shortcut, "batch_norm"),
        ]
    layers += [
        layer(f"{name}.add", "add", from_=[f"{name}.bn2", shortcut]),
        layer(f"{name}.relu2", "relu"),
    ]
    return layers


def resnet(stem, widths, blocks, classes):
    layers, source = list(stem), "relu" if len(stem) == 3 else "maxpool"
    for stage, channels in enumerate(widths, start=1):
        for block in range(blocks):
            first = stage > 1 and block == 0
            name = f"layer{stage}.{block}"
            layers += basic_block(name, source, channels, 2 if first else 1, first)
            source = f"{name}.relu2"
    return layers + [
        layer("avgpool", "global_average_pool"),
        layer("flatten", "flatten"),
        layer("fc", "linear", out_features=classes, bias=True),
    ]


def bottleneck(name, source, channels, stride, projection):
    """1x1, 3x3 and 1x1 convolutions, the last four times as wide; the 3x3 one has the stride."""
    layers = []
    for number, (width, kernel) in enumerate([(channels, 1), (channels, 3), (4 * channels, 1)], 1):
        source_of = {"from_": source} if number == 1 else {}
        layers += [conv(f"{name}.conv{number}", width, kernel, stride if number == 2 else 1,
                        kernel // 2, **source_of),
                   layer(f"{name}.bn{number}", "batch_norm")]
        if number < 3:
            layers.append(layer(f"{name}.relu{number}", "relu"))
    shortcut = source
    if projection:
        shortcut = f"{name}.downsample.1"
        layers += [conv(f"{name}.downsample.0", 4 * channels, 1, stride, 0, from_=source),
                   layer(shortcut, "batch_norm")]
    return layers + [layer(f"{name}.add", "add", from_=[f"{name}.bn3", shortcut]),
                     layer(f"{name}.relu3", "relu")]


def resnet50():
    layers, source = list(IMAGENET_STEM), "maxpool"
    for stage, (channels, blocks) in enumerate(zip([64, 128, 256, 512], [3, 4, 6, 3]), start=1):
        for block in range(blocks):
            name = f"layer{stage}.{block}"
            layers += bottleneck(name, source, channels, 2 if stage > 1 and block == 0 else 1,
                                 block == 0)
            source = f"{name}.relu3"
    return layers + [layer("avgpool", "global_average_pool"), layer("flatten", "flatten"),
                     layer("fc", "linear", out_features=1000, bias=True)]


def conv_norm(name, index, out_channels, kernel, stride, clipped=True, **fields):
    """torchvision's Conv2dNormActivation, or the bare pair that ends a block."""
    prefix, norm = (f"{name}.{index}", f"{name}.{index}.1") if clipped else \
        (f"{name}.{index}", f"{name}.{index + 1}")
    layers = [conv(f"{prefix}.0" if clipped else prefix, out_channels, kernel, stride, kernel // 2,
                   **fields), layer(norm, "batch_norm")]
    if clipped:
        layers.append(layer(f"{prefix}.2", "clip", min=0, max=6))
    return layers


def mobilenet_v2():
    # Expansion, channels, blocks and first stride of each stage: table 2 of the paper.
    plan = [(1, 16, 1, 1), (6, 24, 2, 2), (6, 32, 3, 2), (6, 64, 4, 2), (6, 96, 3, 1),
            (6, 160, 3, 2), (6, 320, 1, 1)]
    layers = conv_norm("features", 0, 32, 3, 2)
    source, inputs, number = "features.0.2", 32, 0
    for expansion, channels, blocks, first_stride in plan:
        for block in range(blocks):
            number += 1
            name, hidden, at = f"features.{number}.conv", inputs * expansion, 0
            stride = first_stride if block == 0 else 1
            if expansion != 1:
                layers += conv_norm(name, 0, hidden, 1, 1)
                at = 1
            layers += conv_norm(name, at, hidden, 3, stride, groups=hidden)
            layers += conv_norm(name, at + 1, channels, 1, 1, clipped=False)
            end = f"{name}.{at + 2}"
            if stride == 1 and inputs == channels:
                layers.append(layer(f"features.{number}.add", "add", from_=[end, source]))
                end = f"features.{number}.add"
            source, inputs = end, channels
    return layers + conv_norm("features", 18, 1280, 1, 1) + [
        layer("avgpool", "global_average_pool"), layer("flatten", "flatten"),
        layer("classifier.1", "linear", out_features=1000, bias=True)]


def digital(name, operator, work, shape, **fields):
    return layer(name, "digital", operator=operator, work=work, shape=shape, **fields)


def attention(name, queries, keys, tokens, context, heads, width):
    """Softmax of scaled q k^T, times v: products of computed matrices, one a head. `queries` and
    `keys` are the layers that make q and k; v is NAME.value."""
    size = width // heads
    scores, shape = f"{name}.scores", [heads, tokens, context]
    return [
        digital(scores, "MatMul", "multiplies", shape, inner=size, from_=[queries, keys]),
        digital(f"{name}.scaled", "Mul", "elementwise", shape),
        layer(f"{name}.softmax", "softmax"),
        digital(f"{name}.context", "MatMul", "multiplies", [heads, tokens, size], inner=context,
                from_=[f"{name}.softmax", f"{name}.value"]),
        digital(f"{name}.joined", "Transpose", "moves", [tokens, width]),
    ]


def linear(name, out_features, source=None, bias=True):
    fields = {"from_": source} if source else {}
    return layer(name, "linear", out_features=out_features, **({"bias": True} if bias else {}),
                 **fields)


def bert(blocks, width, hidden, heads, tokens):
    shape, layers, source = [tokens, width], [], "input"
    for block in range(blocks):
        name = f"encoder.layer.{block}"
        inner = f"{name}.attention.self"
        layers += [linear(f"{inner}.{each}", width, source) for each in ("query", "key", "value")]
        layers += attention(inner, f"{inner}.query", f"{inner}.key", tokens, tokens, heads, width)
        layers += [
            linear(f"{name}.attention.output.dense", width),
            layer(f"{name}.attention.output.add", "add",
                  from_=[f"{name}.attention.output.dense", source]),
            digital(f"{name}.attention.output.LayerNorm", "LayerNormalization", "elementwise",
                    shape),
            linear(f"{name}.intermediate.dense", hidden),
            digital(f"{name}.intermediate.gelu", "Gelu", "elementwise", [tokens, hidden]),
            linear(f"{name}.output.dense", width),
            layer(f"{name}.output.add", "add",
                  from_=[f"{name}.output.dense", f"{name}.attention.output.LayerNorm"]),
            digital(f"{name}.output.LayerNorm", "LayerNormalization", "elementwise", shape),
        ]
        source = f"{name}.output.LayerNorm"
    return layers + [
        digital("pooler.first_token", "Slice", "moves", [1, width]),
        linear("pooler.dense", width),
        digital("pooler.activation", "Tanh", "elementwise", [1, width]),
    ]


def llama(blocks, width, hidden, heads, vocabulary, context):
    shape, layers, source = [1, width], [], "input"
    for block in range(blocks):
        name = f"model.layers.{block}"
        inner, mlp, norm = f"{name}.self_attn", f"{name}.mlp", f"{name}.input_layernorm"
        second = f"{name}.post_attention_layernorm"
        layers.append(digital(norm, "RMSNormalization", "elementwise", shape, from_=source))
        for each in ("q", "k", "v"):
            layers.append(linear(f"{inner}.{each}_proj", width, norm, bias=False))
        for each in ("q", "k"):
            layers.append(digital(f"{inner}.{each}_rotated", "RotaryEmbedding", "elementwise",
                                  shape, from_=f"{inner}.{each}_proj"))
        layers.append(layer(f"{inner}.value", "identity", from_=f"{inner}.v_proj"))
        layers += attention(inner, f"{inner}.q_rotated", f"{inner}.k_rotated", 1, context, heads,
                            width)
        layers += [
            linear(f"{inner}.o_proj", width, bias=False),
            layer(f"{inner}.add", "add", from_=[f"{inner}.o_proj", source]),
            digital(second, "RMSNormalization", "elementwise", shape),
            linear(f"{mlp}.gate_proj", hidden, bias=False),
            digital(f"{mlp}.silu", "Silu", "elementwise", [1, hidden]),
            linear(f"{mlp}.up_proj", hidden, second, bias=False),
            digital(f"{mlp}.gated", "Mul", "elementwise", [1, hidden],
                    from_=[f"{mlp}.silu", f"{mlp}.up_proj"]),
            linear(f"{mlp}.down_proj", width, bias=False),
            layer(f"{name}.add", "add", from_=[f"{mlp}.down_proj", f"{inner}.add"]),
        ]
        source = f"{name}.add"
    return layers + [digital("model.norm", "RMSNormalization", "elementwise", shape),
                     linear("lm_head", vocabulary, bias=False)]


def cifar_stem(channels):
    return [conv("conv1", channels), layer("bn1", "batch_norm"), layer("relu", "relu")]


IMAGENET_STEM = [
    conv("conv1", 64, 7, 2, 3),
    layer("bn1", "batch_norm"),
    layer("relu", "relu"),
    layer("maxpool", "max_pool", kernel=3, stride=2, pad=1),
]
