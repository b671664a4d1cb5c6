// SPDX-License-Identifier: Apache-2.0
#include "sim/model/chip.h"

#include <algorithm>

namespace pimento::sim {

Chip::Chip(const sc_core::sc_module_name& name, const arch::ChipSpec& spec,
           const arch::Program& program, int images, RunLog& log)
    : sc_module(name),
      timing_(spec, program.tiles),
      run_{spec, program, timing_, log},
      rounds_("rounds", run_),
      io_("io", run_, images, rounds_) {
  make_tiles();
  make_sequencers(images);
  connect();
}

void Chip::make_tiles() {
  std::map<int, TilePlan> plans;
  for (std::size_t s = 0; s < run_.program.stages.size(); ++s) {
    const arch::Stage& stage = run_.program.stages[s];
    plans[stage.home_tile];
    for (const arch::TileWork& tile : stage.tiles) {
      for (const arch::CoreWork& work : tile.cores) {
        plans[tile.tile][work.core][{static_cast<int>(s), tile.replica, work.lane}] = &work;
      }
    }
  }
  for (const auto& [index, plan] : plans) {
    const std::string name = "tile" + std::to_string(index);
    tiles_[index] = std::make_unique<Tile>(name.c_str(), run_, plan);
  }
}

void Chip::make_sequencers(int images) {
  for (std::size_t s = 0; s < run_.program.stages.size(); ++s) {
    const arch::Stage& stage = run_.program.stages[s];
    std::vector<Sequencer::Place> places;
    for (const arch::TileWork& work : stage.tiles) {
      Tile& tile = *tiles_.at(work.tile);
      Sequencer::Place place{&tile, &work, {}};
      for (const arch::CoreWork& core : work.cores) {
        place.banks.push_back(
            &tile.core(core.core).bank({static_cast<int>(s), work.replica, core.lane}));
      }
      places.push_back(std::move(place));
    }
    const std::string name = "stage" + std::to_string(s);
    sequencers_.push_back(std::make_unique<Sequencer>(
        name.c_str(), run_, static_cast<int>(s), images,
        Sequencer::Surroundings{*tiles_.at(stage.home_tile), io_, rounds_}, std::move(places)));
  }
}

void Chip::connect() {
  for (const auto& reader : sequencers_) {
    const arch::Stage& stage = reader->stage();
    rounds_.add_waiting(stage.round, &reader->poke());
    for (std::size_t i = 0; i < stage.inputs.size(); ++i) {
      const int input = static_cast<int>(i);
      if (run_.program.comes_onto_chip(stage, stage.inputs[i])) {
        io_.add_reader(*reader, input);
        reader->set_filler(input, &io_.poke());
      } else {
        Sequencer& producer = *sequencers_[static_cast<std::size_t>(stage.inputs[i].producer)];
        producer.add_reader({reader.get(), input});
        reader->set_filler(input, &producer.poke());
      }
    }
  }
  for (int round = 0; round < run_.program.rounds(); ++round) {
    rounds_.add_waiting(round, &io_.poke());
  }
  io_.set_outputs(static_cast<int>(
      std::count_if(sequencers_.begin(), sequencers_.end(),
                    [](const auto& sequencer) { return sequencer->is_output(); })));
}

bool Chip::finished() const {
  return std::all_of(sequencers_.begin(), sequencers_.end(),
                     [](const auto& sequencer) { return sequencer->finished(); });
}

std::string Chip::waiting_for() const {
  std::string text;
  for (const auto& sequencer : sequencers_) {
    if (!sequencer->finished()) text += "\n  " + sequencer->waiting_for();
  }
  return text;
}

}  // namespace pimento::sim
