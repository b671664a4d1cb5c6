// SPDX-License-Identifier: Apache-2.0
#include "sim/app/build_report.h"

#include <algorithm>
#include <map>
#include <optional>
#include <set>
#include <utility>
#include <vector>

#include <fmt/format.h>

#include "arch/dynamic_energy.h"
#include "base/text.h"
#include "sim/app/kept_reads.h"
#include "sim/app/version.h"

namespace pimento::app {
namespace {

class ReportBuilder {
 public:
  ReportBuilder(const RunRequest& request, const Inputs& inputs, const Mapped& mapped,
                const sim::SimulationResult& result, CountedValues values)
      : request_(request),
        inputs_(inputs),
        mapped_(mapped),
        result_(result),
        limits_(result.units),
        utilization_(mapper::utilization(mapped.mapping, inputs.chip)),
        activity_(std::move(values.activity)),
        skipping_(std::move(values.skipping)) {
    if (activity_) activity_->is_priced = depends_on_values(inputs.chip);
  }

  sim::RunReport build() {
    report_.network = inputs_.network.name;
    report_.chip = inputs_.chip.name;
    report_.policy = inputs_.policy.name;
    report_.tiles = program().tiles;
    report_.events = result_.events;
    fill_provenance();
    // A layer that is made in parts has several stages, one behind the other, and one row.
    const std::vector<int>& layers = mapped_.lowered.layer_of_stage;
    for (std::size_t first = 0; first < layers.size();) {
      std::size_t end = first + 1;
      while (end < layers.size() && layers[end] == layers[first]) ++end;
      add_layer({first, end});
      first = end;
    }
    fill_totals();
    fill_pipeline();
    fill_writes();
    fill_sizes();
    add_notes();
    report_.activity = std::move(activity_);
    report_.skipping = std::move(skipping_);
    return std::move(report_);
  }

 private:
  [[nodiscard]] const arch::Program& program() const { return mapped_.lowered.program; }
  [[nodiscard]] const workloads::Layer& layer_of(std::size_t stage) const {
    return inputs_.network.layers[static_cast<std::size_t>(mapped_.lowered.layer_of_stage[stage])];
  }

  void fill_provenance() {
    sim::Provenance& p = report_.provenance;
    p.program_version = kVersion;
    p.network_file = inputs_.network.source;
    p.chip_file = inputs_.chip.file;
    p.policy_file = inputs_.policy_file;
    p.weights = inputs_.network.weight_origin.str();
    p.activations = "none: no figure of this level depends on values";
    p.level = "counts";
    if (const sim::ActivityReport* values = by_values()) {
      p.activations = fmt::format("{} images of {}", values->images, values->inputs);
      p.level = "activity";
    } else if (skipping_) {
      p.activations = fmt::format("{} images of {}", skipping_->images, skipping_->inputs);
      p.level = "activity";
    } else if (depends_on_values(inputs_.chip)) {
      p.activations = fmt::format("none: macro.array by {}", declared_values());
    }
    p.mac_rule = inputs_.network.mac_rule;
    p.strategy = mapped_.mapping.strategy;
    for (const Override& setting : request_.overrides) {
      p.overrides.push_back(setting.path + "=" + setting.value);
    }
  }

  // Stages of one layer.
  struct Stages {
    std::size_t begin;
    std::size_t end;
  };

  void add_layer(const Stages& stages) {
    const workloads::Layer& layer = layer_of(stages.begin);
    const sim::StageResult result = result_of(stages);
    sim::LayerReport row;
    row.name = layer.name;
    row.kind = workloads::operation_name(layer.operation);
    row.start = result.first_issue;
    row.finish = result.last_done;
    row.bound = result.bound;
    row.waits = result.waits;
    row.limit = limit_of(stages);
    sim::Figures& f = row.figures;
    f.images = request_.images;
    f.latency = result.last_done - result.first_issue;
    f.adc_conversions = result.counts.total(arch::Action::kAdcConversion);
    if (layer.has_weights()) {
      row.weight_bits = layer.precision.weight_bits;
      row.activation_bits = layer.precision.activation_bits;
      row.default_precision =
          std::find(inputs_.default_layers.begin(), inputs_.default_layers.end(), layer.name) !=
          inputs_.default_layers.end();
      add_weights(f, stages);
    }
    const arch::Counts counts = layer.has_weights() ? priced_counts(result.counts) : result.counts;
    f.energy = arch::dynamic_energy(inputs_.chip, counts);
    counts_.add(counts);
    report_.layers.push_back(std::move(row));
  }

  // What the stages did together. Those of one round work at the same time, rounds one after the
  // other.
  [[nodiscard]] sim::StageResult result_of(const Stages& stages) const {
    sim::StageResult sum = result_.stages[stages.begin];
    std::map<int, Time> bounds{{program().stages[stages.begin].round, sum.bound}};
    for (std::size_t s = stages.begin + 1; s < stages.end; ++s) {
      const sim::StageResult& part = result_.stages[s];
      sum.counts.add(part.counts);
      sum.first_issue = std::min(sum.first_issue, part.first_issue);
      sum.last_done = std::max(sum.last_done, part.last_done);
      sum.waits.add(part.waits);
      Time& bound = bounds[program().stages[s].round];
      bound = std::max(bound, part.bound);
    }
    sum.bound = Time{};
    for (const auto& [round, bound] : bounds) sum.bound += bound;
    return sum;
  }

  // Of the part that took longest.
  [[nodiscard]] std::string limit_of(const Stages& stages) const {
    const auto span = [&](std::size_t s) {
      return result_.stages[s].last_done - result_.stages[s].first_issue;
    };
    std::size_t longest = stages.begin;
    for (std::size_t s = stages.begin; s < stages.end; ++s) {
      if (span(longest) < span(s)) longest = s;
    }
    return limits_.of(program().stages[longest], result_.stages[longest]);
  }

  // A core that holds several copies, or parts that take turns, counts once.
  [[nodiscard]] std::int64_t cores_of(const Stages& stages) const {
    std::set<std::pair<int, int>> cores;
    for (std::size_t s = stages.begin; s < stages.end; ++s) {
      for (const arch::TileWork& tile : program().stages[s].tiles) {
        for (const arch::CoreWork& work : tile.cores) cores.emplace(tile.tile, work.core);
      }
    }
    return std::ssize(cores);
  }

  void add_weights(sim::Figures& f, const Stages& stages) {
    const int index = mapped_.lowered.layer_of_stage[stages.begin];
    const double cells = utilization_.allocated_to_layers.at(next_mapped_);
    const mapper::LayerMapping& mapping = mapped_.mapping.layers.at(next_mapped_++);
    const std::int64_t cores = cores_of(stages);
    f.weights = inputs_.network.matrix(index).weights();
    f.weight_bits = f.weights * layer_of(stages.begin).precision.weight_bits;
    f.macs = inputs_.network.macs(index);
    f.crossbars = mapping.macros;
    f.cell_utilization = double(mapper::used_cells(mapping)) / cells;
    f.macro_utilization = double(mapping.macros) / double(cores * inputs_.chip.macros_per_core);
    // A layer's share of its tiles, by cores.
    const Area tile_area = arch::summarize(inputs_.chip, report_.tiles)[2].area;
    f.area = tile_area * (double(cores) / inputs_.chip.cores_per_tile);
  }

  // What prices go by; null where that is not values.
  [[nodiscard]] sim::ActivityReport* by_values() {
    return activity_ && activity_->is_priced ? &*activity_ : nullptr;
  }
  [[nodiscard]] std::string declared_values() const {
    return inputs_.chip.find(arch::Role::kArray)->model->declared_values().value_or("");
  }

  // The counts of the layer that add_weights() was at last, by its values where prices depend on
  // them. Its energies are filled in on the way.
  arch::Counts priced_counts(const arch::Counts& counts) {
    sim::ActivityReport* values = by_values();
    if (values == nullptr) return counts;
    sim::ActivityFigures& f = values->layers.at(next_mapped_ - 1).figures;
    // Cells that are passed over would have been read with zeros, and cost nothing by values.
    ensure(skipping_ || counts.total(arch::Action::kCellRead) == f.cell_reads,
           "the cells that were read and those whose values were counted differ");
    const arch::Component& array = *inputs_.chip.find(arch::Role::kArray)->model;
    const Energy level = array.energy(arch::Action::kLevelRead, 0);
    const Energy drive = array.energy(arch::Action::kDriveRead, 0);
    f.energy = level * double(f.level_reads) + drive * double(f.drive_reads);
    f.independent_energy = level * f.independent_level_reads + drive * f.independent_drive_reads;
    return arch::by_values(counts, f.level_reads, f.drive_reads);
  }

  void fill_totals() {
    sim::Figures& total = report_.totals;
    total.images = request_.images;
    for (const sim::LayerReport& layer : report_.layers) {
      total.macs += layer.figures.macs;
      total.weights += layer.figures.weights;
      total.weight_bits += layer.figures.weight_bits;
      total.adc_conversions += layer.figures.adc_conversions;
    }
    total.latency = result_.makespan();
    report_.bill = sim::price(inputs_.chip, report_.tiles, counts_, total.latency);
    if (const sim::ActivityReport* values = by_values()) {
      for (sim::BillItem& item : report_.bill.items) {
        if (item.action == "level_read" || item.action == "drive_read") item.basis = values->basis;
      }
    }
    total.energy = report_.bill.energy();
    total.area = report_.bill.area();
    report_.static_energy = report_.bill.static_energy();
    total.crossbars = utilization_.used_macros;
    total.cell_utilization = utilization_.cell_share();
    total.macro_utilization = utilization_.macro_share();
    report_.chip_utilization = utilization_.chip_share;
    report_.cell_utilization_layer_mean = utilization_.layer_mean;
  }

  void fill_pipeline() {
    const std::vector<Time>& done = result_.image_done;
    sim::PipelineReport& pipeline = report_.pipeline;
    pipeline.first_image = done.front();
    pipeline.run = result_.makespan();
    if (done.size() > 1) {
      pipeline.mean_interval = (done.back() - done.front()) / double(done.size() - 1);
      pipeline.last_interval = done.back() - done[done.size() - 2];
    }
    pipeline.units = sim::units_by_kind(result_.units);
  }

  void fill_writes() {
    if (program().rounds() == 1) return;
    sim::WritesReport writes;
    writes.rounds = program().rounds();
    writes.cells_set = counts_.total(arch::Action::kCellSet);
    writes.cells_reset = counts_.total(arch::Action::kCellReset);
    for (const mapper::LayerMapping& layer : mapped_.mapping.layers) {
      writes.cells_taken += mapper::used_cells(layer);
    }
    if (const arch::ComponentSlot* array = inputs_.chip.find(arch::Role::kArray)) {
      const arch::Component& model = *array->model;
      if (model.prices(arch::Action::kCellSet) && model.prices(arch::Action::kCellReset)) {
        writes.energy = model.energy(arch::Action::kCellSet, 0) * double(writes.cells_set) +
                        model.energy(arch::Action::kCellReset, 0) * double(writes.cells_reset);
      }
      writes.endurance = model.endurance();
    }
    if (inputs_.chip.macro.write_time) writes.time = result_.writing;
    writes.hidden_time = result_.hidden_writing;
    writes.run = report_.totals.latency;
    if (writes.run.value() > 0.0) writes.share_of_run = result_.writing / writes.run;
    writes.most_writes_of_a_cell = mapped_.mapping.rewriting.most_writes_of_a_cell;
    report_.writes = writes;
    report_.notes.push_back(
        "the run follows another one: its first round finds what the last round of that one left; "
        "maps that a later round reads wait in a memory off the chip, at the price of the io_link; "
        "how the weights come onto the chip is left out");
  }

  void fill_sizes() {
    std::vector<std::string> rules{"standard"};
    for (const workloads::CountingRule& rule : inputs_.network.counting_rules) {
      rules.push_back(rule.name);
    }
    for (const std::string& rule : rules) {
      const workloads::ModelSize size = workloads::model_size(inputs_.network, rule);
      report_.sizes.push_back(
          {rule, size.parameters, size.bits, size.mebibytes(), size.compression()});
    }
  }

  void add_notes() {
    note_strategy();
    note_unpriced();
    note_skipping();
    if (depends_on_values(inputs_.chip) && by_values() == nullptr) {
      report_.notes.push_back(
          fmt::format("macro.array: energy by {}, taken as independent; --exact and --activity go "
                      "by the values",
                      declared_values()));
    }
    for (const arch::ComponentSlot& slot : inputs_.chip.components) {
      const std::string note = slot.model->note();
      if (!note.empty()) {
        report_.notes.push_back(fmt::format("{}: {}", arch::info(slot.role).path, note));
      }
    }
    note_coarse_adc();
    note_rounded_precisions();
    note_large_buffers();
  }

  void note_strategy() {
    const mapper::Mapping& mapping = mapped_.mapping;
    if (!mapping.reason.empty()) {
      report_.notes.push_back(fmt::format("strategy {}: {}", mapping.strategy, mapping.reason));
    }
    if (mapping.traffic) {
      report_.notes.push_back(
          fmt::format("placing tiles by their traffic: {} bits x routers an image, {} before",
                      mapping.traffic->after, mapping.traffic->before));
    }
  }
  void note_skipping() {
    if (!skips_zeros(inputs_.chip)) return;
    if (!skipping_) {
      report_.notes.push_back(fmt::format(
          "macro.zero_skipping: {}, but no values were looked at, and nothing is passed "
          "over; --exact and --activity go by the values",
          arch::zero_skipping_name(inputs_.chip.macro.zero_skipping)));
      return;
    }
    if (skipping_->images > 1) {
      report_.notes.push_back(
          fmt::format("macro.zero_skipping: every image is run with the mean of the {} images' "
                      "reads, rounded up for each core",
                      skipping_->images));
    }
    if (activity_) {
      report_.notes.push_back(
          "macro.zero_skipping: cell reads and row drives of the activity are those with nothing "
          "passed over; levels are the same either way");
    }
    if (request_.exact.wanted) {
      report_.notes.push_back(
          "macro.zero_skipping: values are executed with nothing passed over, which makes the same "
          "sums unless an ADC or a device changes those of zeros or of fewer rows");
    }
  }

  void note_unpriced() {
    std::vector<std::string> actions;
    actions.reserve(report_.bill.unpriced.size());
    for (const sim::UnpricedAction& action : report_.bill.unpriced) {
      actions.push_back(fmt::format("{} {} ({})", action.count, action.action, action.component));
    }
    if (actions.empty()) return;
    report_.notes.push_back(
        "counted but not priced, because the chip has no such component or no price for it: " +
        join(actions));
  }

  void note_coarse_adc() {
    const arch::ComponentSlot* adc = inputs_.chip.find(arch::Role::kAdc);
    if (adc == nullptr) return;
    const int lossless = inputs_.chip.macro.geometry().lossless_adc_bits();
    const std::optional<int> bits = adc->model->resolution();
    if (!bits) {
      report_.notes.push_back(
          fmt::format("macro.adc: no resolution is given; telling all column "
                      "sums apart takes {} bits",
                      lossless));
    } else if (*bits < lossless) {
      report_.notes.push_back(fmt::format(
          "macro.adc: {} bits, where telling all column sums apart takes {}; what that does to the "
          "values is not part of this level",
          *bits, lossless));
    }
  }

  void note_rounded_precisions() {
    std::map<std::pair<int, int>, std::set<int>> rounded;
    for (std::size_t s = 0; s < program().stages.size(); ++s) {
      const int counted = program().stages[s].mac_bits;
      if (counted == 0) continue;
      const workloads::Precision& p = layer_of(s).precision;
      const int asked = std::max(p.weight_bits, p.activation_bits);
      if (asked != counted) {
        rounded[{asked, counted}].insert(mapped_.lowered.layer_of_stage[s]);
      }
    }
    for (const auto& [bits, layers] : rounded) {
      report_.notes.push_back(
          fmt::format("{} layers of {} bits are counted at {}, the next "
                      "precision the chip supports",
                      layers.size(), bits.first, bits.second));
    }
  }

  // Input buffers live in the tiles of their stage.
  void note_large_buffers() {
    const arch::ComponentSlot* buffer = inputs_.chip.find(arch::Role::kBuffer);
    if (buffer == nullptr) return;
    const std::optional<Bits> capacity = buffer->model->capacity();
    if (!capacity) return;
    for (const arch::Stage& stage : program().stages) {
      Bits needed;
      for (const arch::StageInput& input : stage.inputs) {
        needed += input.pixel_bits * input.capacity;
      }
      const std::int64_t tiles = std::max<std::int64_t>(1, std::ssize(stage.tiles));
      const Bits held = *capacity * tiles;
      if (needed > held) {
        report_.notes.push_back(fmt::format(
            "layer \"{}\" buffers {} of input, more than the {} of its tiles; the rest is taken to "
            "lie in other tiles at no further cost",
            stage.name, format_quantity(needed), format_quantity(held)));
      }
    }
  }

  const RunRequest& request_;
  const Inputs& inputs_;
  const Mapped& mapped_;
  const sim::SimulationResult& result_;
  sim::StageLimits limits_;
  const mapper::Utilization utilization_;
  std::optional<sim::ActivityReport> activity_;
  std::optional<sim::SkippingReport> skipping_;
  sim::RunReport report_;
  arch::Counts counts_;
  std::size_t next_mapped_ = 0;
};

}  // namespace

sim::RunReport build_report(const RunRequest& request, const Inputs& inputs, const Mapped& mapped,
                            const sim::SimulationResult& result, CountedValues values) {
  return ReportBuilder(request, inputs, mapped, result, std::move(values)).build();
}

}  // namespace pimento::app
