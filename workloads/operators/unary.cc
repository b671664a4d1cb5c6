// SPDX-License-Identifier: Apache-2.0
// One value in, one value out. Definitions: ONNX operator reference.
#include <algorithm>
#include <cmath>
#include <limits>
#include <numbers>

#include <fmt/format.h>

#include "workloads/operators/broadcast.h"
#include "workloads/operators/groups.h"

namespace pimento::workloads {
namespace {

std::vector<Form> same_form(const Call& call) {
  return {call.form(0)};
}

// `Make` gives, for a node, the function of one real.
template <auto Make>
std::vector<Array> map_reals(const Call& call) {
  Array result = call.array(0);
  if (result.holds_integers()) call.fail("its input holds integers; expected real numbers");
  const auto function = Make(call);
  for (double& value : result.reals) value = function(value);
  settle(result);
  return {std::move(result)};
}

// The same for functions that integers know as well.
template <auto Make>
std::vector<Array> map_numbers(const Call& call) {
  Array result = call.array(0);
  const auto function = Make(call);
  for (double& value : result.reals) value = function(value);
  for (std::int64_t& value : result.integers) value = function(value);
  settle(result);
  return {std::move(result)};
}

template <auto Make>
Operator reals(const std::vector<std::string_view>& attributes = {}) {
  return {.attributes = attributes, .infer = same_form, .evaluate = map_reals<Make>};
}

template <auto Make>
Operator numbers() {
  return {.infer = same_form, .evaluate = map_numbers<Make>};
}

std::vector<Array> pass(const Call& call) {
  return {call.array(0)};
}

std::vector<Array> logical_not(const Call& call) {
  Array result = call.array(0);
  for (std::int64_t& value : result.integers) value = value == 0 ? 1 : 0;
  return {std::move(result)};
}

// In inference Dropout passes its input; the mask keeps everything.
void refuse_training(const Call& call) {
  if (call.is_known(2) && call.scalar_of(2) != 0.0) {
    call.fail("drops values as in training; export the model for inference");
  }
}

std::vector<Form> infer_dropout(const Call& call) {
  refuse_training(call);
  if (call.version() < 7 && !call.flag("is_test", false)) {
    call.fail("is_test is 0: the model is exported for training; export it for inference");
  }
  return {call.form(0), {ElementType::kBool, call.shape(0)}};
}

std::vector<Array> dropout(const Call& call) {
  refuse_training(call);
  Array mask = make_array(ElementType::kBool, call.shape(0));
  std::fill(mask.integers.begin(), mask.integers.end(), 1);
  return {call.array(0), std::move(mask)};
}

std::vector<Array> is_nan(const Call& call) {
  Array result = make_array(ElementType::kBool, call.shape(0));
  const Array& input = call.array(0);
  std::transform(input.reals.begin(), input.reals.end(), result.integers.begin(),
                 [](double value) { return std::isnan(value) ? 1 : 0; });
  return {std::move(result)};
}

double sigmoid(double x) {
  return 1.0 / (1.0 + std::exp(-x));
}

void add_activations(OperatorTable& table) {
  table.add("Relu", numbers<[](const Call&) {
              return [](auto x) { return (x > 0) || x != x ? x : decltype(x){0}; };
            }>());
  table.add("Sigmoid", reals<[](const Call&) { return sigmoid; }>());
  table.add("Tanh", reals<[](const Call&) { return [](double x) { return std::tanh(x); }; }>());
  table.add("Erf", reals<[](const Call&) { return [](double x) { return std::erf(x); }; }>());
  table.add("LeakyRelu", reals<[](const Call& call) {
              const double slope = call.real("alpha", 0.01F);
              return [slope](double x) { return x < 0.0 ? slope * x : x; };
            }>({"alpha"}));
  table.add("Elu", reals<[](const Call& call) {
              const double alpha = call.real("alpha", 1.0);
              return [alpha](double x) { return x < 0.0 ? alpha * std::expm1(x) : x; };
            }>({"alpha"}));
  table.add("Celu", reals<[](const Call& call) {
              const double alpha = call.real("alpha", 1.0);
              return [alpha](double x) {
                return std::max(0.0, x) + std::min(0.0, alpha * std::expm1(x / alpha));
              };
            }>({"alpha"}));
  table.add("Selu", reals<[](const Call& call) {
              const double alpha = call.real("alpha", 1.67326319217681884765625);
              const double gamma = call.real("gamma", 1.05070102214813232421875);
              return [alpha, gamma](double x) {
                return gamma * (x > 0.0 ? x : alpha * std::expm1(x));
              };
            }>({"alpha", "gamma"}));
  table.add("HardSigmoid", reals<[](const Call& call) {
              const double alpha = call.real("alpha", 0.2F);
              const double beta = call.real("beta", 0.5);
              return [alpha, beta](double x) { return std::clamp(alpha * x + beta, 0.0, 1.0); };
            }>({"alpha", "beta"}));
  table.add("HardSwish", reals<[](const Call&) {
              return [](double x) { return x * std::clamp(x / 6.0 + 0.5, 0.0, 1.0); };
            }>());
  table.add("Softplus", reals<[](const Call&) {
              return [](double x) { return (x > 30.0) ? x : std::log1p(std::exp(x)); };
            }>());
  table.add("Softsign",
            reals<[](const Call&) { return [](double x) { return x / (1.0 + std::abs(x)); }; }>());
  table.add("ThresholdedRelu", reals<[](const Call& call) {
              const double alpha = call.real("alpha", 1.0);
              return [alpha](double x) { return (x > alpha) ? x : 0.0; };
            }>({"alpha"}));
  // Opset 20; "tanh" is its approximation.
  table.add("Gelu", reals<[](const Call& call) {
              const bool is_tanh = call.text("approximate", "none") == "tanh";
              return [is_tanh](double x) {
                if (is_tanh) {
                  const double inner =
                      std::sqrt(2.0 * std::numbers::inv_pi) * (x + 0.044715 * x * x * x);
                  return 0.5 * x * (1.0 + std::tanh(inner));
                }
                return 0.5 * x * (1.0 + std::erf(x / std::numbers::sqrt2));
              };
            }>({"approximate"}));
}

}  // namespace

void add_unary_operators(OperatorTable& table) {
  add_activations(table);
  table.add("Abs", numbers<[](const Call&) {
              return [](auto x) { return x < 0 ? wrapping_subtract(decltype(x){0}, x) : x; };
            }>());
  table.add("Neg", numbers<[](const Call&) {
              return [](auto x) { return wrapping_subtract(decltype(x){0}, x); };
            }>());
  table.add("Sign", numbers<[](const Call&) {
              return [](auto x) { return static_cast<decltype(x)>((x > 0) - (x < 0)); };
            }>());
  table.add("Ceil", reals<[](const Call&) { return [](double x) { return std::ceil(x); }; }>());
  table.add("Floor", reals<[](const Call&) { return [](double x) { return std::floor(x); }; }>());
  table.add("Round",
            reals<[](const Call&) { return [](double x) { return std::nearbyint(x); }; }>());
  table.add("Sqrt", reals<[](const Call&) { return [](double x) { return std::sqrt(x); }; }>());
  table.add("Exp", reals<[](const Call&) { return [](double x) { return std::exp(x); }; }>());
  table.add("Log", reals<[](const Call&) { return [](double x) { return std::log(x); }; }>());
  table.add("Sin", reals<[](const Call&) { return [](double x) { return std::sin(x); }; }>());
  table.add("Cos", reals<[](const Call&) { return [](double x) { return std::cos(x); }; }>());
  table.add("Reciprocal", reals<[](const Call&) { return [](double x) { return 1.0 / x; }; }>());
  table.add("Identity", {.work = Work::kNone, .infer = same_form, .evaluate = pass});
  table.add("Not", {.infer = same_form, .evaluate = logical_not});
  table.add("IsNaN", {.infer =
                          [](const Call& call) {
                            return std::vector<Form>{{ElementType::kBool, call.shape(0)}};
                          },
                      .evaluate = is_nan});
  table.add("Dropout", {.most_inputs = 3,
                        .most_outputs = 2,
                        .attributes = {"ratio", "seed", "is_test"},
                        .work = Work::kNone,
                        .infer = infer_dropout,
                        .evaluate = dropout});
}

}  // namespace pimento::workloads
