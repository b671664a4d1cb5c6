// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>

namespace pimento::sim {

// What modules tell each other: one step of one stage has come to some point of its way. The
// receiver knows the point by `what`, a number of its own.
struct Message {
  int what = 0;
  std::int64_t number = 0;  // of the step or pixel, counted over all images
  int index = 0;            // which of several senders or places, where the receiver has several
  int stage = -1;           // whose step or pixel it is
};

class Receiver {
 public:
  virtual ~Receiver() = default;
  virtual void receive(const Message& message) = 0;
};

// A message on its way; no receiver: nobody waits for it.
struct Delivery {
  Receiver* to = nullptr;
  Message message;
};

}  // namespace pimento::sim
