// SPDX-License-Identifier: Apache-2.0
// Leads the steps of one stage through the chip. A step makes one pixel, or a block of them
// (arch/program/steps.h). It is issued when the input windows of its pixels have arrived, the input
// registers of the copy whose turn it is have room, and every reader has room for the results:
//
//   buffer -> bus -> cores -> bus -> tile adder -> port -> home adder -> vector unit -> readers
//
// A stage of vector work goes: buffer -> bus -> pooling unit -> vector unit -> readers.
// The way of one step takes as long as the units on it are busy; steps follow each other as closely
// as those units allow. Readers get pixels in raster order: what is done before an earlier pixel,
// in the rows below the first of a step or because one copy of the layer overtook another, is held
// back. Its places at the readers are kept from the start, so nothing waits with work half done.
// Steps are issued once the stage's round is open (rounds.h).
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "arch/program/steps.h"
#include "sim/model/in_order.h"
#include "sim/model/join.h"
#include "sim/model/tile.h"

namespace pimento::sim {

class IoPort;
class Rounds;

class Sequencer : public sc_core::sc_module, public Receiver {
 public:
  struct Reader {
    Sequencer* sequencer = nullptr;
    int input = 0;
  };
  struct Place {
    Tile* tile = nullptr;
    const arch::TileWork* work = nullptr;
    std::vector<MacroBank*> banks;
  };

  struct Surroundings {
    Tile& home;
    IoPort& io;
    Rounds& rounds;
  };

  Sequencer(const sc_core::sc_module_name& name, const RunContext& run, int stage, int images,
            const Surroundings& around, std::vector<Place> places);

  void add_reader(Reader reader) { readers_.push_back(reader); }
  // Whoever fills an input: told when pixels of it are released.
  void set_filler(int input, sc_core::sc_event* filler);
  [[nodiscard]] sc_core::sc_event& poke() { return poke_; }

  // A pixel of an input has arrived in the buffer.
  void arrive(int input);
  // Pixels of an input that may have been sent by now: what is released, plus the capacity.
  [[nodiscard]] std::int64_t limit(int input) const;

  void receive(const Message& message) override;

  [[nodiscard]] const arch::Stage& stage() const { return stage_; }
  [[nodiscard]] int stage_index() const { return index_; }
  [[nodiscard]] bool is_output() const { return leaving_.is_result(); }
  [[nodiscard]] std::int64_t done() const { return done_; }
  [[nodiscard]] bool finished() const { return done_ == total_; }
  // "waits for input 1 ("conv3"): 40 of 43 pixels", for a run that cannot go on.
  [[nodiscard]] std::string waiting_for() const;

 private:
  // Steps of vector work under way at once: one is read while the other is worked on.
  static constexpr int kVectorSteps = 2;

  // Points on a step's way.
  enum What {
    kLoaded,
    kStarted,
    kBankDone,
    kOverBus,
    kTileSummed,
    kAtHome,
    kSummed,
    kPooled,
    kVectorDone,
    kDelivered
  };
  struct Input {
    std::int64_t arrived = 0;
    std::int64_t released = 0;
    sc_core::sc_event* filler = nullptr;
  };
  // One copy of the layer. Its joins count the steps that it makes.
  struct Copy {
    Copy(int place_count, int bank_count)
        : loaded(place_count), started(bank_count), at_home(place_count) {}
    std::vector<std::size_t> places;
    std::int64_t home_additions = 0;
    std::int64_t issued = 0;
    Join loaded;
    Join started;
    Join at_home;
  };

  void make_copies();
  void try_issue();
  // What keeps the next step from being issued.
  [[nodiscard]] Wait wait() const;
  // The time since the last look at it was spent in waiting for what was found then.
  void account(Wait found);
  [[nodiscard]] bool units_ready() const;
  [[nodiscard]] bool inputs_ready() const;
  [[nodiscard]] bool readers_ready() const;
  // Steps are numbered over all images.
  [[nodiscard]] std::int64_t in_image(std::int64_t step) const { return step % steps_.count(); }
  [[nodiscard]] Copy& copy_of(std::int64_t step) {
    return copies_[static_cast<std::size_t>(steps_.replica_of(in_image(step)))];
  }
  [[nodiscard]] const Copy& copy_of(std::int64_t step) const {
    return copies_[static_cast<std::size_t>(steps_.replica_of(in_image(step)))];
  }
  // The number of a step among those of its copy.
  [[nodiscard]] std::int64_t turn(std::int64_t step) const;
  [[nodiscard]] arch::Turn turn_in_image(std::int64_t step) const;
  // Pixels, over all images.
  [[nodiscard]] std::int64_t needed(const arch::StageInput& input, std::int64_t step) const;
  [[nodiscard]] std::int64_t reach(std::int64_t step) const;
  [[nodiscard]] std::int64_t complete(std::int64_t step) const;

  void issue();
  void release_inputs(std::int64_t next_step);

  void load(const Message& message);
  void leave_core(const Message& message);
  void leave_tile(const Message& message);
  void leave_adder(const Message& message);
  void arrive_at_home(std::int64_t step);
  void work_on_vectors(std::int64_t step);
  void finish(std::int64_t step);
  void deliver(std::int64_t pixel);
  void send(const Reader& reader, int reader_index, std::int64_t pixel);
  [[nodiscard]] Delivery to_self(What what, std::int64_t number, int index = 0) {
    return {this, {what, number, index, index_}};
  }

  const RunContext& run_;
  const arch::Stage& stage_;
  int index_;
  arch::Steps steps_;
  std::int64_t pixels_;       // an image
  std::int64_t total_;        // pixels of all images
  std::int64_t total_steps_;  // of all images
  Tile& home_;
  std::vector<Place> places_;
  IoPort& io_;
  Rounds& rounds_;
  arch::Program::Readers leaving_;
  std::vector<Reader> readers_;  // of the same round
  std::vector<Input> inputs_;

  sc_core::sc_event poke_;
  std::int64_t issued_ = 0;  // steps
  std::int64_t done_ = 0;    // pixels
  Wait waits_for_ = Wait::kNothing;
  sc_core::sc_time looked_at_;
  std::vector<Copy> copies_;
  std::vector<Join> out_of_banks_;  // by place
  InOrder loaded_;
  InOrder finished_;
};

}  // namespace pimento::sim
