// SPDX-License-Identifier: Apache-2.0
#include "sim/app/quantize.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "base/error.h"
#include "sim/app/pipeline.h"
#include "tests/sim/app/support.h"

namespace pimento::app {
namespace {

using testing::EndsWith;
using testing::HasSubstr;

const std::string kData = PIMENTO_SOURCE_DIR "/tests/data/";

std::string error_of(const std::string& network, const std::string& policy) {
  CalibrationRequest request;
  request.file = kData + "digits_calibration.npz";
  request.images = 2;
  try {
    (void)quantize_network(load_network(network, {}), load_policy(policy, {}), request);
  } catch (const InputError& error) {
    return error.what();
  }
  return "nothing thrown";
}

TEST(QuantizeNetwork, LayersKeepTheirIntegersOrThePolicyIsRefused) {
  const std::string network = kData + "quantized/digits_qdq8.onnx";
  EXPECT_EQ(
      error_of(network, "uniform2"),
      "--calibrate: layer \"conv1\" is quantized already, 8 bits of weights and 8 of inputs; "
      "policy \"uniform2\" asks for 2 and 2; calibrate the float model, or name its own bits");
  EXPECT_EQ(error_of(network, "uniform8"),
            "--calibrate: all layers of \"" + network + "\" have integers already; leave it out");
  EXPECT_EQ(error_of("digits_cnn", "uniform4"), "nothing thrown");
}

// What was done is told by reports, also of a model that was written and read back.
TEST(QuantizeNetwork, ReportsTellWhatWasDone) {
  const Scratch scratch;
  const std::string calibration = kData + "digits_calibration.npz";
  const ProgramRun imported =
      run_program("import digits_cnn --policy uniform4 --calibrate " + calibration +
                  " --calibration-images 3 --to " + scratch.path("out"));
  ASSERT_EQ(imported.exit_code, 0) << imported.err;
  const workloads::Network network = load_network(scratch.path("out/digits_cnn.yaml"), {});
  EXPECT_EQ(network.source, scratch.path("out/digits_cnn.yaml"));
  EXPECT_EQ(network.weight_origin.str(),
            "file " + network.source +
                ", from embedded:configs/networks/digits_cnn.onnx, quantized "
                "after training (minmax activations, minmax weights a channel) on 3 images of " +
                calibration);
}

TEST(Import, DescriptorsAreCopied) {
  const Scratch scratch;
  const std::string descriptor = kData + "digits/digits_bsq.yaml";
  ASSERT_EQ(run_program("import " + descriptor + " --to " + scratch.path("out")).exit_code, 0);
  EXPECT_EQ(content_of(scratch.path("out/digits_bsq.yaml")), content_of(descriptor));
  EXPECT_EQ(content_of(scratch.path("out/digits_bsq.npz")),
            content_of(kData + "digits/digits_bsq.npz"));
}

TEST(Import, NeedsAFolderThatCanBeWritten) {
  const ProgramRun empty = run_program("import digits_cnn --to \"\"");
  EXPECT_EQ(empty.exit_code, 2);
  EXPECT_THAT(empty.err, HasSubstr("found an empty name; expected one"));
  const Scratch scratch;
  std::filesystem::create_directories(scratch.path("out/digits_cnn.yaml"));
  const ProgramRun taken = run_program("import digits_cnn --to " + scratch.path("out"));
  EXPECT_EQ(taken.exit_code, 2);
  EXPECT_THAT(taken.err, EndsWith("it is a folder; give a file name\n"));
  EXPECT_FALSE(std::filesystem::exists(scratch.path("out/digits_cnn.npz")));
}

}  // namespace
}  // namespace pimento::app
