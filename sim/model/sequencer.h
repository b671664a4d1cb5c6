// SPDX-License-Identifier: Apache-2.0
// Leads the pixels of one stage through the chip. A pixel is issued when its input window has
// arrived, the input registers have room, and every reader has room for the result:
//
//   buffer -> bus -> cores -> bus -> tile adder -> port -> home adder -> vector unit -> readers
//
// A stage of vector work goes: buffer -> bus -> pooling unit -> vector unit -> readers.
// The way of one pixel takes as long as the units on it are busy; pixels follow each other as
// closely as those units allow.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "sim/model/join.h"
#include "sim/model/tile.h"

namespace pimento::sim {

class IoPort;

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

  Sequencer(const sc_core::sc_module_name& name, const RunContext& run, int stage, int images,
            Tile& home, std::vector<Place> places, IoPort& io);

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
  [[nodiscard]] bool is_output() const { return readers_.empty(); }
  [[nodiscard]] std::int64_t done() const { return done_; }
  [[nodiscard]] bool finished() const { return done_ == total_; }
  // "waits for input 1 ("conv3"): 40 of 43 pixels", for a run that cannot go on.
  [[nodiscard]] std::string waiting_for() const;

 private:
  // Pixels of vector work under way at once: one is read while the other is worked on.
  static constexpr int kVectorPixels = 2;

  // Points on a pixel's way.
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

  void try_issue();
  [[nodiscard]] bool units_ready() const;
  [[nodiscard]] bool inputs_ready() const;
  [[nodiscard]] bool readers_ready() const;
  [[nodiscard]] std::int64_t needed(const arch::StageInput& input, std::int64_t pixel) const;
  void issue();
  void release_inputs(std::int64_t next_pixel);

  void load(const Message& message);
  void leave_core(const Message& message);
  void leave_tile(const Message& message);
  void sum_at_home(std::int64_t pixel);
  void finish(std::int64_t pixel);
  void send(const Reader& reader, int reader_index, std::int64_t pixel);
  [[nodiscard]] Delivery to_self(What what, std::int64_t pixel, int index = 0) {
    return {this, {what, pixel, index}};
  }

  const RunContext& run_;
  const arch::Stage& stage_;
  int index_;
  std::int64_t pixels_;  // an image
  std::int64_t total_;   // all images
  Tile& home_;
  std::vector<Place> places_;
  IoPort& io_;
  std::vector<Reader> readers_;
  std::vector<Input> inputs_;

  sc_core::sc_event poke_;
  std::int64_t issued_ = 0;
  std::int64_t done_ = 0;
  Join loaded_;
  Join started_;
  std::vector<Join> out_of_banks_;
  Join at_home_;
};

}  // namespace pimento::sim
