// SPDX-License-Identifier: Apache-2.0
#include "sim/model/sequencer.h"

#include <algorithm>
#include <utility>

#include <fmt/format.h>

#include "sim/model/io_port.h"
#include "sim/model/sc_time_bridge.h"

namespace pimento::sim {

using arch::Action;

namespace {

int bank_count(const std::vector<Sequencer::Place>& places) {
  int banks = 0;
  for (const Sequencer::Place& place : places) banks += static_cast<int>(place.banks.size());
  return banks;
}

}  // namespace

Sequencer::Sequencer(const sc_core::sc_module_name& name, const RunContext& run, int stage,
                     int images, Tile& home, std::vector<Place> places, IoPort& io)
    : sc_module(name),
      run_(run),
      stage_(run.program.stages[static_cast<std::size_t>(stage)]),
      index_(stage),
      pixels_(stage_.grid.pixels()),
      total_(pixels_ * images),
      home_(home),
      places_(std::move(places)),
      io_(io),
      inputs_(stage_.inputs.size()),
      loaded_(static_cast<int>(places_.size())),
      started_(bank_count(places_)),
      at_home_(static_cast<int>(places_.size())) {
  for (const Place& place : places_) {
    out_of_banks_.emplace_back(static_cast<int>(place.banks.size()));
  }
  SC_HAS_PROCESS(Sequencer);
  SC_METHOD(try_issue);
  sensitive << poke_;
}

void Sequencer::set_filler(int input, sc_core::sc_event* filler) {
  inputs_[static_cast<std::size_t>(input)].filler = filler;
}

void Sequencer::arrive(int input) {
  const auto at = static_cast<std::size_t>(input);
  ++inputs_[at].arrived;
  run_.log.record(index_, Action::kBufferWriteBit, stage_.inputs[at].pixel_bits.value());
  poke_.notify(sc_core::SC_ZERO_TIME);
}

std::int64_t Sequencer::limit(int input) const {
  const auto at = static_cast<std::size_t>(input);
  return inputs_[at].released + stage_.inputs[at].capacity;
}

std::int64_t Sequencer::needed(const arch::StageInput& input, std::int64_t pixel) const {
  const std::int64_t local = pixel % pixels_;
  return pixel / pixels_ * input.grid.pixels() +
         input.needed(local / stage_.grid.width, local % stage_.grid.width);
}

bool Sequencer::units_ready() const {
  // Of the places of the input registers one belongs to the pixel that is being read.
  if (!places_.empty()) return issued_ - started_.completed() < Core::kInputRegisterPixels - 1;
  return issued_ - done_ < kVectorPixels;
}

bool Sequencer::inputs_ready() const {
  for (std::size_t i = 0; i < inputs_.size(); ++i) {
    if (inputs_[i].arrived < needed(stage_.inputs[i], issued_)) return false;
  }
  return true;
}

bool Sequencer::readers_ready() const {
  return std::all_of(readers_.begin(), readers_.end(), [this](const Reader& reader) {
    return issued_ < reader.sequencer->limit(reader.input);
  });
}

void Sequencer::try_issue() {
  while (issued_ < total_) {
    if (!units_ready() || !inputs_ready() || !readers_ready()) return;
    issue();
  }
}

void Sequencer::issue() {
  const std::int64_t pixel = issued_++;
  StageLog& log = run_.log.stage(index_);
  if (log.issued++ == 0) log.first_issue = sc_core::sc_time_stamp();
  if (places_.empty()) {
    const Bits bits = stage_.window_bits();
    run_.log.record(index_, Action::kBufferReadBit, bits.value());
    run_.log.record(index_, Action::kBusBit, bits.value());
    home_.bus.put(to_self(kLoaded, pixel), to_sc_time(run_.timing.bus_time(bits)));
    return;
  }
  for (std::size_t i = 0; i < places_.size(); ++i) {
    const Bits bits = places_[i].work->input_bits();
    run_.log.record(index_, Action::kBufferReadBit, bits.value());
    run_.log.record(index_, Action::kBusBit, bits.value());
    places_[i].tile->bus.put(to_self(kLoaded, pixel, static_cast<int>(i)),
                             to_sc_time(run_.timing.bus_time(bits)));
  }
}

void Sequencer::receive(const Message& message) {
  switch (message.what) {
    case kLoaded:
      load(message);
      break;
    case kStarted:
      if (started_.arrive(message.pixel)) poke_.notify(sc_core::SC_ZERO_TIME);
      break;
    case kBankDone:
      leave_core(message);
      break;
    case kOverBus:
      leave_tile(message);
      break;
    case kTileSummed:
    case kAtHome:
      if (message.what == kTileSummed &&
          places_[static_cast<std::size_t>(message.index)].tile != &home_) {
        const Place& place = places_[static_cast<std::size_t>(message.index)];
        const Bits bits = stage_.sum_bits * place.work->partial_sums;
        const std::int64_t routers =
            run_.timing.routers_between(place.work->tile, stage_.home_tile);
        run_.log.record(index_, Action::kRouterBit, bits.value() * routers);
        place.tile->port.put(to_self(kAtHome, message.pixel),
                             to_sc_time(run_.timing.link_time(bits)),
                             to_sc_time(run_.timing.hops_time(routers)));
      } else if (at_home_.arrive(message.pixel)) {
        sum_at_home(message.pixel);
      }
      break;
    case kSummed: {
      run_.log.record(index_, Action::kTileRegisterBit, stage_.outputs * stage_.sum_bits.value());
      [[fallthrough]];
    }
    case kPooled:
      run_.log.record(index_, Action::kVectorOp, stage_.vector_ops);
      home_.vector_unit.put(to_self(kVectorDone, message.pixel),
                            to_sc_time(run_.timing.vector_time(stage_.vector_ops)));
      break;
    case kVectorDone:
      finish(message.pixel);
      break;
    case kDelivered: {
      const Reader& reader = readers_[static_cast<std::size_t>(message.index)];
      reader.sequencer->arrive(reader.input);
      break;
    }
    default:
      throw InternalError("a sequencer got a message it does not know");
  }
}

void Sequencer::load(const Message& message) {
  if (places_.empty()) {
    release_inputs(message.pixel + 1);
    run_.log.record(index_, Action::kPoolOp, stage_.pool_ops);
    home_.pooling_unit.put(to_self(kPooled, message.pixel),
                           to_sc_time(run_.timing.pool_time(stage_.pool_ops)));
    return;
  }
  if (loaded_.arrive(message.pixel)) release_inputs(message.pixel + 1);
  for (MacroBank* bank : places_[static_cast<std::size_t>(message.index)].banks) {
    bank->put(to_self(kStarted, message.pixel), to_self(kBankDone, message.pixel, message.index));
  }
}

void Sequencer::release_inputs(std::int64_t next_pixel) {
  const std::int64_t image = next_pixel / pixels_;
  const std::int64_t local = next_pixel % pixels_;
  for (std::size_t i = 0; i < inputs_.size(); ++i) {
    const arch::StageInput& input = stage_.inputs[i];
    const std::int64_t released =
        image * input.grid.pixels() +
        (local == 0 ? 0 : input.released(local / stage_.grid.width, local % stage_.grid.width));
    if (released <= inputs_[i].released) continue;
    inputs_[i].released = released;
    inputs_[i].filler->notify(sc_core::SC_ZERO_TIME);
  }
}

void Sequencer::leave_core(const Message& message) {
  const auto at = static_cast<std::size_t>(message.index);
  if (!out_of_banks_[at].arrive(message.pixel)) return;
  const Bits bits = stage_.sum_bits * places_[at].work->core_sums();
  run_.log.record(index_, Action::kBusBit, bits.value());
  places_[at].tile->bus.put(to_self(kOverBus, message.pixel, message.index),
                            to_sc_time(run_.timing.bus_time(bits)));
}

void Sequencer::leave_tile(const Message& message) {
  const Place& place = places_[static_cast<std::size_t>(message.index)];
  const std::int64_t additions = place.work->core_sums() - place.work->partial_sums;
  run_.log.record(index_, Action::kAccumulate, additions);
  place.tile->adder.put(to_self(kTileSummed, message.pixel, message.index),
                        to_sc_time(run_.timing.add_time(additions)));
}

void Sequencer::sum_at_home(std::int64_t pixel) {
  const std::int64_t additions = stage_.home_additions();
  run_.log.record(index_, Action::kAccumulate, additions);
  home_.adder.put(to_self(kSummed, pixel), to_sc_time(run_.timing.add_time(additions)));
}

void Sequencer::finish(std::int64_t pixel) {
  ++done_;
  StageLog& log = run_.log.stage(index_);
  ++log.done;
  log.last_done = sc_core::sc_time_stamp();
  if (done_ % pixels_ == 0) run_.log.record(index_, Action::kMac, stage_.macs);
  if (is_output()) io_.take_out(*this, pixel);
  for (std::size_t i = 0; i < readers_.size(); ++i) send(readers_[i], static_cast<int>(i), pixel);
  if (places_.empty()) poke_.notify(sc_core::SC_ZERO_TIME);
}

void Sequencer::send(const Reader& reader, int reader_index, std::int64_t pixel) {
  const arch::Stage& to = reader.sequencer->stage();
  const Bits bits = to.inputs[static_cast<std::size_t>(reader.input)].pixel_bits;
  const std::int64_t routers = run_.timing.routers_between(stage_.home_tile, to.home_tile);
  if (routers == 0) {
    reader.sequencer->arrive(reader.input);
    return;
  }
  run_.log.record(index_, Action::kRouterBit, bits.value() * routers);
  home_.port.put(to_self(kDelivered, pixel, reader_index), to_sc_time(run_.timing.link_time(bits)),
                 to_sc_time(run_.timing.hops_time(routers)));
}

std::string Sequencer::waiting_for() const {
  std::string text = fmt::format("stage \"{}\" made {} of {} pixels", stage_.name, done_, total_);
  if (issued_ == total_) return text;
  for (std::size_t i = 0; i < inputs_.size(); ++i) {
    const std::int64_t wanted = needed(stage_.inputs[i], issued_);
    if (inputs_[i].arrived < wanted) {
      text +=
          fmt::format("; waits for pixel {} of input {}, has {}", wanted, i, inputs_[i].arrived);
    }
  }
  for (const Reader& reader : readers_) {
    if (issued_ >= reader.sequencer->limit(reader.input)) {
      text +=
          fmt::format("; waits for room in the buffer of \"{}\"", reader.sequencer->stage().name);
    }
  }
  return text;
}

}  // namespace pimento::sim
