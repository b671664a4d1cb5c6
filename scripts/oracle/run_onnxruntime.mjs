// SPDX-License-Identifier: Apache-2.0
// Runs an ONNX model in onnxruntime, with graph optimizations disabled, so that each node is
// computed as it is written.
//
//   ONNXRUNTIME=FOLDER node run_onnxruntime.mjs MODEL.onnx INPUT.f32 EXTENTS OUTPUT.f32
//
// FOLDER holds node_modules with onnxruntime-node. INPUT.f32 and OUTPUT.f32 are bare little-endian
// 32-bit floats; EXTENTS are the input's, as 64x1x8x8. Prints the output's extents.
import { readFile, writeFile } from "node:fs/promises";
import { createRequire } from "node:module";
import { resolve } from "node:path";

const [model, input, extents, output] = process.argv.slice(2);
if (!output || !process.env.ONNXRUNTIME) {
  console.error(
    "usage: ONNXRUNTIME=FOLDER node run_onnxruntime.mjs MODEL.onnx INPUT.f32 EXTENTS OUTPUT.f32");
  process.exit(2);
}
const require = createRequire(resolve(process.env.ONNXRUNTIME, "package.json"));
const { InferenceSession, Tensor } = require("onnxruntime-node");

const session = await InferenceSession.create(model, {
  executionProviders: ["cpu"],
  graphOptimizationLevel: "disabled",
  intraOpNumThreads: 1,
  interOpNumThreads: 1,
});
const bytes = await readFile(input);
const values = new Float32Array(bytes.buffer.slice(bytes.byteOffset,
  bytes.byteOffset + bytes.byteLength));
const tensor = new Tensor("float32", values, extents.split("x").map(Number));
const result = (await session.run({ [session.inputNames[0]]: tensor }))[session.outputNames[0]];
if (result.type !== "float32") throw new Error(`the output is ${result.type}; expected float32`);
await writeFile(output, new Uint8Array(result.data.buffer, result.data.byteOffset,
  result.data.byteLength));
console.log(result.dims.join("x"));
