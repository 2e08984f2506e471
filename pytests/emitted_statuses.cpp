// A user's program over three packages at once: what `run` answers to good and to bad inputs. Prints name=value lines.
#include <cstdio>
#include <stdexcept>
#include <string>
#include <vector>

#include "conv.hpp"
#include "look.hpp"
#include "mlp.hpp"

namespace {

const char* word(lockstep::Status status) {
  const char* const words[] = {"ok", "bad_dim", "over_capacity", "failed_guard", "bad_weights", "no_memory"};
  return words[int(status)];
}

void say(const char* name, const std::string& value) { std::printf("%s=%s\n", name, value.c_str()); }

template <class Values>
bool untouched(const Values& values) {
  for (const auto x : values) {
    if (x != -77) return false;
  }
  return true;
}

void fixed_model(const std::string& folder) {
  conv::Weights weights((folder + "/conv/conv.safetensors").c_str());
  conv::Session session(weights);
  std::vector<float> x(conv::kInputSize, 0.25f), y(conv::kOutputSize, -77.0f), again(conv::kOutputSize, -77.0f);
  say("fixed.pointers", word(session.run(x.data(), y.data())));
  std::string sums;
  for (int row = 0; row < 3; ++row) {
    float sum = 0;
    for (int k = 0; k < 7; ++k) sum += y[std::size_t(row * 7 + k)];
    sums += sum > 0.999f && sum < 1.001f ? "1" : "?";
  }
  say("fixed.softmax_sums", sums);
  conv::Inputs inputs;
  conv::Outputs outputs;
  inputs.input = {x.data(), 3, 2, 6, 5};
  outputs.output = {again.data(), conv::kOutputSize};
  say("fixed.wrong_extent", word(session.run(inputs, outputs)));
  say("fixed.wrong_extent.message", session.message());
  inputs.input = {x.data(), 3, 2, 6, 6};
  outputs.output.capacity = conv::kOutputSize - 1;
  say("fixed.small_output", word(session.run(inputs, outputs)));
  say("fixed.small_output.message", session.message());
  say("fixed.small_output.untouched", untouched(again) ? "yes" : "no");
  outputs.output.capacity = conv::kOutputSize;
  say("fixed.general", word(session.run(inputs, outputs)));
  say("fixed.general.message", session.message());
  say("fixed.general.dims", std::to_string(outputs.output.dims[0]) + "," + std::to_string(outputs.output.dims[1]));
  say("fixed.general.equal", y == again ? "yes" : "no");
}

void gathering_model(const std::string& folder) {
  look::Weights weights((folder + "/look/look.safetensors").c_str());
  look::Session session(weights);
  std::vector<std::int64_t> index(look::kIndexSize, 8);
  std::vector<float> x(look::kXSize, 1.0f), rows(look::kOutput0Size), picked(look::kOutput1Size);
  const auto run = [&] { return word(session.run(index.data(), x.data(), rows.data(), picked.data())); };
  say("index.last", run());
  index[14] = 9;
  say("index.beyond", run());
  say("index.beyond.message", session.message());
  index[14] = -1;
  say("index.negative", run());
  index[14] = std::int64_t(1) << 62;
  say("index.huge", run());
  index[14] = 0;
  say("index.first", run());
}

void dynamic_model(const std::string& folder) {
  mlp::Weights weights((folder + "/mlp/mlp.safetensors").c_str());
  mlp::Session session(weights);
  std::vector<float> x(64 * 6, 0.5f), y(64 * 4, -77.0f);
  mlp::Inputs inputs;
  mlp::Outputs outputs;
  outputs.output = {y.data(), 64 * 4};
  const auto run = [&](std::int64_t batch, std::int64_t width) {
    inputs.input = {x.data(), batch, width};
    return word(session.run(inputs, outputs));
  };
  say("dynamic.unprepared", run(4, 6));
  say("dynamic.prepare", word(session.prepare(4)));
  say("dynamic.prepared", run(4, 6));
  say("dynamic.prepared.dims", std::to_string(outputs.output.dims[0]) + "," + std::to_string(outputs.output.dims[1]));
  y.assign(64 * 4, -77.0f);
  say("dynamic.larger", run(64, 6));
  say("dynamic.larger.message", session.message());
  say("dynamic.larger.untouched", untouched(y) ? "yes" : "no");
  say("dynamic.smaller", run(1, 6));
  say("dynamic.none", run(0, 6));
  say("dynamic.none.dims", std::to_string(outputs.output.dims[0]) + "," + std::to_string(outputs.output.dims[1]));
  say("dynamic.negative", run(-1, 6));
  say("dynamic.wrong_width", run(4, 5));
  say("dynamic.wrong_width.message", session.message());
  inputs.input = mlp::Inputs().input;
  inputs.input.data = x.data();
  say("dynamic.no_extents", word(session.run(inputs, outputs)));
  std::string absurd;
  for (int power = 46; power < 63; ++power) {
    const std::int64_t batch = std::int64_t(1) << power;
    absurd += session.prepare(batch) == lockstep::Status::ok ? "!" : "";
    absurd += session.run(inputs, outputs) == lockstep::Status::bad_dim ? "." : "!";
    absurd += std::string(run(batch, 6)) == "bad_dim" ? "." : "!";
    absurd += std::string(run(std::int64_t(1) << 62, std::int64_t(1) << power)) == "bad_dim" ? "." : "!";
    inputs.input = {x.data(), batch, 6};
  }
  say("dynamic.absurd", absurd);
  say("dynamic.absurd.message", session.message());
  say("dynamic.negative_prepare", word(session.prepare(-1)));
  y.assign(64 * 4, -77.0f);
  outputs.output.capacity = 4 * 4 - 1;
  say("dynamic.small_output", run(4, 6));
  say("dynamic.small_output.message", session.message());
  say("dynamic.small_output.untouched", untouched(y) ? "yes" : "no");
}

void weights_of(const char* path) {
  try {
    conv::Weights weights(path);
    say("weights", "opened");
  } catch (const std::runtime_error& refusal) {
    say("weights", refusal.what());
  }
}

}  // namespace

int main(int count, char** arguments) {
  if (count == 3) return weights_of(arguments[2]), 0;
  fixed_model(arguments[1]);
  gathering_model(arguments[1]);
  dynamic_model(arguments[1]);
}
