// SPDX-License-Identifier: Apache-2.0
#include "sim/model/io_port.h"

#include "sim/model/sc_time_bridge.h"

namespace pimento::sim {

using arch::Action;

IoPort::IoPort(const sc_core::sc_module_name& name, const RunContext& run, int images,
               Rounds& rounds)
    : sc_module(name),
      run_(run),
      images_(images),
      rounds_(rounds),
      in_("in", run.log),
      out_("out", run.log),
      outputs_done_(static_cast<std::size_t>(images), 0) {
  run_.log.image_done.assign(static_cast<std::size_t>(images), sc_core::SC_ZERO_TIME);
  SC_HAS_PROCESS(IoPort);
  SC_METHOD(feed);
  sensitive << poke_;
}

void IoPort::add_reader(Sequencer& sequencer, int input) {
  const arch::StageInput& from = sequencer.stage().inputs[static_cast<std::size_t>(input)];
  feeds_.push_back({&sequencer, input, from.grid.pixels() * images_});
}

void IoPort::feed() {
  for (std::size_t i = 0; i < feeds_.size(); ++i) {
    Feed& feed = feeds_[i];
    if (!rounds_.is_open(feed.reader->stage().round)) continue;
    while (feed.sent < feed.total && feed.sent < feed.reader->limit(feed.input)) {
      const Bits bits =
          feed.reader->stage().inputs[static_cast<std::size_t>(feed.input)].pixel_bits;
      run_.log.record(feed.reader->stage_index(), Action::kOffchipBit, bits.value());
      in_.put({this, {kBroughtIn, feed.sent, static_cast<int>(i), feed.reader->stage_index()}},
              to_sc_time(run_.timing.io_time(bits)));
      ++feed.sent;
    }
  }
}

void IoPort::take_out(const Sequencer& from, std::int64_t pixel) {
  const std::int64_t pixels = from.stage().grid.pixels();
  const Bits bits = from.stage().pixel_bits;
  run_.log.record(from.stage_index(), Action::kOffchipBit, bits.value());
  // Only the last pixel of an image, or of all of them, is waited for; links keep the order.
  Delivery done;
  if (from.is_output()) {
    if ((pixel + 1) % pixels == 0) done = {this, {kTakenOut, pixel / pixels}};
  } else if (pixel + 1 == pixels * images_) {
    done = {this, {kPutAside, from.stage_index()}};
  }
  done.message.stage = from.stage_index();
  out_.put(done, to_sc_time(run_.timing.io_time(bits)));
}

void IoPort::receive(const Message& message) {
  if (message.what == kBroughtIn) {
    const Feed& feed = feeds_[static_cast<std::size_t>(message.index)];
    feed.reader->arrive(feed.input);
    return;
  }
  if (message.what == kPutAside) {
    rounds_.finish_stage(static_cast<int>(message.number));
    return;
  }
  const auto image = static_cast<std::size_t>(message.number);
  if (++outputs_done_[image] == outputs_) {
    run_.log.image_done[image] = sc_core::sc_time_stamp();
  }
}

}  // namespace pimento::sim
