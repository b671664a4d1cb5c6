// SPDX-License-Identifier: Apache-2.0
#include "sim/model/sequencer.h"

#include <algorithm>
#include <utility>

#include <fmt/format.h>

#include "sim/model/io_port.h"
#include "sim/model/rounds.h"
#include "sim/model/sc_time_bridge.h"

namespace pimento::sim {

using arch::Action;

Sequencer::Sequencer(const sc_core::sc_module_name& name, const RunContext& run, int stage,
                     int images, const Surroundings& around, std::vector<Place> places)
    : sc_module(name),
      run_(run),
      stage_(run.program.stages[static_cast<std::size_t>(stage)]),
      index_(stage),
      steps_(stage_),
      pixels_(stage_.grid.pixels()),
      total_(pixels_ * images),
      total_steps_(steps_.count() * images),
      home_(around.home),
      places_(std::move(places)),
      io_(around.io),
      rounds_(around.rounds),
      leaving_(run.program.readers_of(stage)),
      inputs_(stage_.inputs.size()) {
  make_copies();
  SC_HAS_PROCESS(Sequencer);
  SC_METHOD(try_issue);
  sensitive << poke_;
}

void Sequencer::make_copies() {
  for (int replica = 0; replica < stage_.replicas(); ++replica) {
    std::vector<std::size_t> of_copy;
    int banks = 0;
    for (std::size_t i = 0; i < places_.size(); ++i) {
      if (places_[i].work->replica != replica) continue;
      of_copy.push_back(i);
      banks += static_cast<int>(places_[i].banks.size());
    }
    copies_.emplace_back(static_cast<int>(of_copy.size()), banks);
    copies_.back().places = std::move(of_copy);
    copies_.back().home_additions = stage_.home_additions(replica);
  }
  for (const Place& place : places_) {
    out_of_banks_.emplace_back(static_cast<int>(place.banks.size()));
  }
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

std::int64_t Sequencer::turn(std::int64_t step) const {
  const std::int64_t local = in_image(step);
  return step / steps_.count() * steps_.share(steps_.replica_of(local)) + local / steps_.replicas();
}

arch::Turn Sequencer::turn_in_image(std::int64_t step) const {
  const std::int64_t local = in_image(step);
  return {local / steps_.replicas(), steps_.share(steps_.replica_of(local))};
}

std::int64_t Sequencer::needed(const arch::StageInput& input, std::int64_t step) const {
  return step / steps_.count() * input.grid.pixels() + steps_.needed(input, in_image(step));
}

std::int64_t Sequencer::reach(std::int64_t step) const {
  return step / steps_.count() * pixels_ + steps_.reach(in_image(step));
}

std::int64_t Sequencer::complete(std::int64_t step) const {
  return step / steps_.count() * pixels_ + steps_.complete(in_image(step));
}

bool Sequencer::units_ready() const {
  if (places_.empty()) return issued_ - finished_.through() < kVectorSteps;
  // Of the places of the input registers one belongs to the step that is being read.
  const Copy& copy = copy_of(issued_);
  return copy.issued - copy.started.completed() < Core::kInputRegisterSteps - 1;
}

bool Sequencer::inputs_ready() const {
  for (std::size_t i = 0; i < inputs_.size(); ++i) {
    if (inputs_[i].arrived < needed(stage_.inputs[i], issued_)) return false;
  }
  return true;
}

bool Sequencer::readers_ready() const {
  const std::int64_t wanted = reach(issued_);
  return std::all_of(readers_.begin(), readers_.end(), [wanted](const Reader& reader) {
    return wanted <= reader.sequencer->limit(reader.input);
  });
}

Wait Sequencer::wait() const {
  if (issued_ == total_steps_) return Wait::kNothing;
  if (!rounds_.is_open(stage_.round)) return Wait::kRound;
  if (!units_ready()) return Wait::kUnits;
  if (!inputs_ready()) return Wait::kInput;
  if (!readers_ready()) return Wait::kReader;
  return Wait::kNothing;
}

void Sequencer::account(Wait found) {
  const sc_core::sc_time& now = sc_core::sc_time_stamp();
  if (issued_ > 0) {
    run_.log.stage(index_).waited[static_cast<std::size_t>(waits_for_)] += now - looked_at_;
  }
  looked_at_ = now;
  waits_for_ = found;
}

void Sequencer::try_issue() {
  Wait found = wait();
  while (found == Wait::kNothing && issued_ < total_steps_) {
    account(found);
    issue();
    found = wait();
  }
  account(found);
}

void Sequencer::issue() {
  const std::int64_t step = issued_++;
  StageLog& log = run_.log.stage(index_);
  if (log.issued++ == 0) log.first_issue = sc_core::sc_time_stamp();
  if (places_.empty()) {
    const Bits bits = stage_.window_bits();
    run_.log.record(index_, Action::kBufferReadBit, bits.value());
    run_.log.record(index_, Action::kBusBit, bits.value());
    home_.bus.put(to_self(kLoaded, step), to_sc_time(run_.timing.bus_time(bits)));
    return;
  }
  run_.log.record(index_, Action::kIndexBit, stage_.index_bits.value());
  Copy& copy = copy_of(step);
  ++copy.issued;
  for (const std::size_t i : copy.places) {
    const Bits bits = places_[i].work->input_bits();
    run_.log.record(index_, Action::kBufferReadBit, bits.value());
    run_.log.record(index_, Action::kBusBit, bits.value());
    places_[i].tile->bus.put(to_self(kLoaded, step, static_cast<int>(i)),
                             to_sc_time(run_.timing.bus_time(bits)));
  }
}

void Sequencer::receive(const Message& message) {
  switch (message.what) {
    case kLoaded:
      load(message);
      break;
    case kStarted:
      if (copy_of(message.number).started.arrive(turn(message.number))) {
        poke_.notify(sc_core::SC_ZERO_TIME);
      }
      break;
    case kBankDone:
      leave_core(message);
      break;
    case kOverBus:
      leave_tile(message);
      break;
    case kTileSummed:
      leave_adder(message);
      break;
    case kAtHome:
      arrive_at_home(message.number);
      break;
    case kSummed:
    case kPooled:
      work_on_vectors(message.number);
      break;
    case kVectorDone:
      finish(message.number);
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
  const std::int64_t step = message.number;
  if (places_.empty()) {
    release_inputs(step + 1);
    run_.log.record(index_, Action::kPoolOp, stage_.pool_ops);
    home_.pooling_unit.put(to_self(kPooled, step),
                           to_sc_time(run_.timing.pool_time(stage_.pool_ops)));
    return;
  }
  // A copy may load before another whose turn was earlier, which still needs its window.
  if (copy_of(step).loaded.arrive(turn(step))) release_inputs(loaded_.add(step));
  for (MacroBank* bank : places_[static_cast<std::size_t>(message.index)].banks) {
    bank->put(turn_in_image(step), to_self(kStarted, step),
              to_self(kBankDone, step, message.index));
  }
}

void Sequencer::release_inputs(std::int64_t next_step) {
  const std::int64_t image = next_step / steps_.count();
  const std::int64_t local = in_image(next_step);
  for (std::size_t i = 0; i < inputs_.size(); ++i) {
    const arch::StageInput& input = stage_.inputs[i];
    const std::int64_t released =
        image * input.grid.pixels() + (local == 0 ? 0 : steps_.released(input, local));
    if (released <= inputs_[i].released) continue;
    inputs_[i].released = released;
    inputs_[i].filler->notify(sc_core::SC_ZERO_TIME);
  }
}

void Sequencer::leave_core(const Message& message) {
  const auto at = static_cast<std::size_t>(message.index);
  if (!out_of_banks_[at].arrive(turn(message.number))) return;
  const Bits bits = stage_.sum_bits * places_[at].work->core_sums();
  run_.log.record(index_, Action::kBusBit, bits.value());
  places_[at].tile->bus.put(to_self(kOverBus, message.number, message.index),
                            to_sc_time(run_.timing.bus_time(bits)));
}

void Sequencer::leave_tile(const Message& message) {
  const Place& place = places_[static_cast<std::size_t>(message.index)];
  const std::int64_t additions = place.work->core_sums() - place.work->partial_sums;
  run_.log.record(index_, Action::kAccumulate, additions);
  place.tile->adder.put(to_self(kTileSummed, message.number, message.index),
                        to_sc_time(run_.timing.add_time(additions)));
}

void Sequencer::leave_adder(const Message& message) {
  const Place& place = places_[static_cast<std::size_t>(message.index)];
  if (place.tile == &home_) {
    arrive_at_home(message.number);
    return;
  }
  const Bits bits = stage_.sum_bits * place.work->partial_sums;
  const std::int64_t routers = run_.timing.routers_between(place.work->tile, stage_.home_tile);
  run_.log.record(index_, Action::kRouterBit, bits.value() * routers);
  place.tile->port.put(to_self(kAtHome, message.number), to_sc_time(run_.timing.link_time(bits)),
                       to_sc_time(run_.timing.hops_time(routers)));
}

void Sequencer::arrive_at_home(std::int64_t step) {
  Copy& copy = copy_of(step);
  if (!copy.at_home.arrive(turn(step))) return;
  run_.log.record(index_, Action::kAccumulate, copy.home_additions);
  home_.adder.put(to_self(kSummed, step), to_sc_time(run_.timing.add_time(copy.home_additions)));
}

// Sums of pixels beyond the edge of the grid end here.
void Sequencer::work_on_vectors(std::int64_t step) {
  const std::int64_t pixels = steps_.pixels(in_image(step)).size.pixels();
  if (!places_.empty()) {
    run_.log.record(index_, Action::kTileRegisterBit,
                    pixels * stage_.outputs * stage_.sum_bits.value());
  }
  if (stage_.vector_ops == 0) {  // pooled pixels wait for no other stage's vector work
    finish(step);
    return;
  }
  run_.log.record(index_, Action::kVectorOp, pixels * stage_.vector_ops);
  home_.vector_unit.put(to_self(kVectorDone, step),
                        to_sc_time(run_.timing.vector_time(pixels * stage_.vector_ops)));
}

void Sequencer::finish(std::int64_t step) {
  const std::int64_t ready = complete(finished_.add(step));
  while (done_ < ready) deliver(done_);
  if (places_.empty()) poke_.notify(sc_core::SC_ZERO_TIME);
}

void Sequencer::deliver(std::int64_t pixel) {
  ++done_;
  StageLog& log = run_.log.stage(index_);
  ++log.done;
  log.last_done = sc_core::sc_time_stamp();
  if (done_ % pixels_ == 0) run_.log.record(index_, Action::kMac, stage_.macs);
  if (leaving_.leaves_chip()) io_.take_out(*this, pixel);
  for (std::size_t i = 0; i < readers_.size(); ++i) send(readers_[i], static_cast<int>(i), pixel);
  if (finished() && !leaving_.later) rounds_.finish_stage(index_);
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
  if (issued_ == total_steps_) return text;
  if (!rounds_.is_open(stage_.round)) {
    return text + fmt::format("; waits for round {}", stage_.round);
  }
  for (std::size_t i = 0; i < inputs_.size(); ++i) {
    const std::int64_t wanted = needed(stage_.inputs[i], issued_);
    if (inputs_[i].arrived < wanted) {
      text +=
          fmt::format("; waits for pixel {} of input {}, has {}", wanted, i, inputs_[i].arrived);
    }
  }
  for (const Reader& reader : readers_) {
    if (reach(issued_) > reader.sequencer->limit(reader.input)) {
      text +=
          fmt::format("; waits for room in the buffer of \"{}\"", reader.sequencer->stage().name);
    }
  }
  return text;
}

}  // namespace pimento::sim
