// What every emitted model shares: opening and checking its weights, its sessions, and the checks around a run.
//
// A model describes itself by one constant `Description`; the functions here turn that into the C table of abi.h.
#pragma once

#include <fcntl.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <new>

#include "abi.h"
#include "simd.hpp"
#include "threads.hpp"

namespace lockstep {
inline namespace LOCKSTEP_TARGET {

// A weights file as the code that reads it expects it: exact header, size and checksum. size 0: there is no file.
struct WeightsFile {
  const char* header;        // the safetensors header, byte for byte
  std::size_t header_size;
  std::size_t size;          // of the whole file
  std::uint32_t checksum;    // CRC-32 of what follows the header
  const unsigned char* embedded;  // the whole file inside the program, or null
};

// What a run works on.
struct Frame {
  const void* const* inputs;
  void* const* outputs;
  const unsigned char* weights;
  unsigned char* derived;    // what `derive` computed from the weights
  unsigned char* arena;
  unsigned char* state;
  Index* symbols;            // known from the inputs, prepared for, then found by the run
  std::uint64_t seed, draw;  // key of the random numbers, and which run this is since the key was set
  unsigned char* local;      // the threads' own memory, one after another
  Index local_bytes;
  int threads;               // how many may work on the run
};

// A buffer kept from run to run: where it lies in the session's state and in the weights, and its size in bytes.
struct Kept {
  Index place, start, bytes;
};

struct Description {
  lockstep_model table;
  WeightsFile weights;
  Index input_dims;          // how many extents all inputs, and all outputs, have together
  Index output_dims;
  Index bound;               // how many symbols the inputs tell; the table's others are prepared for
  Index state_bytes;
  const Kept* kept;
  bool measures;             // whether extents are found by the run: outputs are then written by `deliver`
  Index derived_bytes, derive_bytes;  // what `derive` leaves, and what it needs besides while it runs
  // The symbols' values from the inputs' extents, and a check of all; the message of what does not fit, or null.
  const char* (*bind)(const Index* dims, Index* symbols);
  void (*output_extents)(const Index* symbols, Index* dims);
  Index (*arena_bytes)(const Index* symbols);
  Index (*local_bytes)(const Index* symbols);  // that every thread needs of its own
  int (*derive)(const Frame& frame);   // once, when the weights are opened; null where there is no such thing
  // A status: failed_guard where an index left its extent, over_capacity where more was found than was prepared for.
  int (*compute)(const Frame& frame);
  int (*deliver)(const Frame& frame);  // writes what a failed run may not touch; null where there is no such thing
};

// CRC-32 (ISO 3309, as in zlib), eight bits at a time.
inline std::uint32_t checksum(const unsigned char* data, std::size_t size) {
  std::uint32_t table[256];
  for (std::uint32_t n = 0; n < 256; ++n) {
    std::uint32_t c = n;
    for (int k = 0; k < 8; ++k) c = c & 1 ? 0xEDB88320u ^ (c >> 1) : c >> 1;
    table[n] = c;
  }
  std::uint32_t crc = 0xFFFFFFFFu;
  for (std::size_t i = 0; i < size; ++i) crc = table[(crc ^ data[i]) & 0xFF] ^ (crc >> 8);
  return ~crc;
}

// An open weights file: mapped read-only, or embedded in the program.
struct Weights {
  const unsigned char* file = nullptr;
  std::size_t mapped = 0;
  unsigned char* derived = nullptr;
};

constexpr int kMaxPorts = 256;     // inputs, outputs
constexpr int kMaxSymbols = 64;
constexpr int kMaxDims = 1024;     // extents of all inputs, or of all outputs, together

// What one thread runs a model with.
struct Session {
  const unsigned char* data = nullptr;   // the weights after the header
  unsigned char* derived = nullptr;      // the weights' own
  unsigned char* arena = nullptr;
  Index capacity = 0;                    // bytes of the arena, the threads' own memory included
  Crew crew;
  unsigned char* state = nullptr;        // buffers kept from run to run
  Index most[kMaxSymbols] = {};          // what was prepared for
  Index needed[kMaxSymbols] = {};        // what the last run needed
  std::uint64_t seed = 0, draw = 0;
  const char* said = "ok";               // `message`, or a text that is always there
  char message[256];
};

// Memory on a cache line's boundary; large memory on large pages, where the system has them.
inline unsigned char* aligned_memory(Index bytes) {
  constexpr Index page = Index(1) << 21;
  const Index alignment = bytes >= page ? page : 64, whole = (bytes + alignment - 1) / alignment * alignment;
  auto* const memory = static_cast<unsigned char*>(std::aligned_alloc(std::size_t(alignment), std::size_t(whole)));
#ifdef MADV_HUGEPAGE
  if (memory != nullptr && bytes >= page) ::madvise(memory, std::size_t(whole), MADV_HUGEPAGE);  // advice: may fail
#endif
  return memory;
}

// Computes what depends on the weights alone. The status is no_memory where there is none for it.
inline int derive(const Description& model, Weights& weights) {
  if (model.derive == nullptr) return LOCKSTEP_OK;
  weights.derived = aligned_memory(model.derived_bytes + 64);
  unsigned char* const arena = aligned_memory(model.derive_bytes + 64);
  const bool enough = weights.derived != nullptr && arena != nullptr;
  if (enough) {
    const unsigned char* const data = weights.file == nullptr ? nullptr : weights.file + 8 + model.weights.header_size;
    model.derive(Frame{nullptr, nullptr, data, weights.derived, arena, nullptr, nullptr, 0, 0, nullptr, 0, 1});
  } else {
    std::free(weights.derived);
  }
  std::free(arena);
  return enough ? int(LOCKSTEP_OK) : int(LOCKSTEP_NO_MEMORY);
}

inline int open_weights(const Description& model, const char* path, void** out, char* message, std::size_t message_size) {
  const WeightsFile& expected = model.weights;
  const auto fail = [&](const char* what) {
    if (message != nullptr && message_size > 0) {
      std::snprintf(message, message_size, "%s: weights file '%s' %s", model.table.name, path ? path : "", what);
    }
    return int(LOCKSTEP_BAD_WEIGHTS);
  };
  Weights found;
  if (expected.embedded != nullptr) {
    found.file = expected.embedded;
  } else if (expected.size != 0) {
    if (path == nullptr) return fail("is needed, but no path was given");
    const int file = ::open(path, O_RDONLY | O_CLOEXEC);
    if (file < 0) return fail("cannot be opened");
    struct stat status;
    if (::fstat(file, &status) != 0 || std::size_t(status.st_size) != expected.size) {
      ::close(file);
      return fail("does not have the expected size: it was cut, or belongs to another model");
    }
    void* const map = ::mmap(nullptr, expected.size, PROT_READ, MAP_PRIVATE, file, 0);
    ::close(file);
    if (map == MAP_FAILED) return fail("cannot be mapped");
    found.file = static_cast<const unsigned char*>(map);
    found.mapped = expected.size;
    std::uint64_t header_size = 0;   // the file's first eight bytes, little-endian
    for (int k = 7; k >= 0; --k) header_size = header_size << 8 | found.file[k];
    const bool same = header_size == expected.header_size &&
                      std::memcmp(found.file + 8, expected.header, expected.header_size) == 0;
    const std::size_t start = 8 + expected.header_size;
    if (!same || checksum(found.file + start, expected.size - start) != expected.checksum) {
      ::munmap(map, expected.size);
      return fail(same ? "is damaged: its checksum differs" : "belongs to another model: its header differs");
    }
  }
  auto* const result = static_cast<Weights*>(std::malloc(sizeof(Weights)));
  if (result != nullptr) *result = found;
  if (result == nullptr || derive(model, *result) != LOCKSTEP_OK) {
    if (found.mapped) ::munmap(const_cast<unsigned char*>(found.file), found.mapped);
    std::free(result);
    return LOCKSTEP_NO_MEMORY;
  }
  *out = result;
  return LOCKSTEP_OK;
}

inline void close_weights(void* weights) {
  auto* const held = static_cast<Weights*>(weights);
  if (held == nullptr) return;
  if (held->mapped) ::munmap(const_cast<unsigned char*>(held->file), held->mapped);
  std::free(held->derived);
  std::free(held);
}

inline int say(Session& session, int status, const char* text) {
  session.said = text;
  return status;
}

// No tensor in memory has more elements; what is computed from extents within this limit does not overflow.
constexpr Index kMostElements = Index(1) << 46;
constexpr const char* kTooLarge = "the extents are those of a tensor that fits into no memory";

inline bool too_large(const lockstep_port* ports, int count, const Index* dims) {
  for (int k = 0; k < count; ++k) {
    Index size = 1;
    for (int axis = 0; axis < ports[k].rank; ++axis, ++dims) {
      const Index extent = *dims > 1 ? *dims : 1;
      if (size > kMostElements / extent) return true;
      size *= extent;
    }
  }
  return false;
}

inline int prepare(const Description& model, void* handle, const Index* symbols) {
  Session& session = *static_cast<Session*>(handle);
  for (int k = 0; k < model.table.symbols; ++k) {
    if (symbols[k] < 0) return say(session, LOCKSTEP_BAD_DIM, "an extent is negative");
    if (symbols[k] > kMostElements) return say(session, LOCKSTEP_BAD_DIM, kTooLarge);
  }
  for (int k = 0; k < model.table.symbols; ++k) session.most[k] = symbols[k];
  const Index bytes = model.arena_bytes(symbols) + session.crew.most() * model.local_bytes(symbols);
  if (bytes <= session.capacity) return say(session, LOCKSTEP_OK, "ok");
  unsigned char* const memory = aligned_memory(bytes);
  if (memory == nullptr) return say(session, LOCKSTEP_NO_MEMORY, "the arena could not be allocated");
  std::free(session.arena);
  session.arena = memory;
  session.capacity = bytes;
  return say(session, LOCKSTEP_OK, "ok");
}

inline void reset(const Description& model, void* handle) {
  Session& session = *static_cast<Session*>(handle);
  for (int k = 0; k < model.table.states; ++k) {
    const Kept& one = model.kept[k];
    std::memcpy(session.state + one.place, session.data + one.start, std::size_t(one.bytes));
  }
  session.draw = 0;
}

inline void close_session(void* handle) {
  if (handle == nullptr) return;
  std::free(static_cast<Session*>(handle)->arena);
  std::free(static_cast<Session*>(handle)->state);
  std::free(handle);
}

inline int open_session(const Description& model, const void* weights, void** out) {
  void* const memory = std::malloc(sizeof(Session));
  if (memory == nullptr) return LOCKSTEP_NO_MEMORY;
  auto* const session = new (memory) Session();
  const auto& held = *static_cast<const Weights*>(weights);
  session->data = held.file == nullptr ? nullptr : held.file + 8 + model.weights.header_size;
  session->derived = held.derived;
  int status = LOCKSTEP_OK;
  if (model.state_bytes > 0) {
    session->state = static_cast<unsigned char*>(std::aligned_alloc(64, std::size_t(model.state_bytes)));
    status = session->state == nullptr ? LOCKSTEP_NO_MEMORY : LOCKSTEP_OK;
    if (status == LOCKSTEP_OK) reset(model, session);
  }
  if (status == LOCKSTEP_OK && model.table.symbols == 0) status = prepare(model, session, nullptr);
  if (status != LOCKSTEP_OK) {
    close_session(session);
    return status;
  }
  *out = session;
  return LOCKSTEP_OK;
}

// The inputs' extents in a row; where an input gives none, the ones the model was converted for.
inline void collect_dims(const Description& model, const lockstep_input* inputs, Index* dims) {
  for (int k = 0; k < model.table.inputs; ++k) {
    const lockstep_port& port = model.table.input[k];
    const std::int64_t* const given = inputs[k].dims != nullptr ? inputs[k].dims : port.dims;
    for (int axis = 0; axis < port.rank; ++axis) *dims++ = given[axis];
  }
}

inline int symbols_of(const Description& model, const lockstep_input* inputs, Index* symbols) {
  Index dims[kMaxDims];
  collect_dims(model, inputs, dims);
  if (too_large(model.table.input, model.table.inputs, dims)) return LOCKSTEP_BAD_DIM;
  for (Index k = model.bound; k < model.table.symbols; ++k) symbols[k] = 0;
  return model.bind(dims, symbols) == nullptr ? LOCKSTEP_OK : LOCKSTEP_BAD_DIM;
}

// The extents of outputs to their callers; over_capacity where one has too little room.
inline int offer(const Description& model, Session& session, const Index* symbols, lockstep_output* outputs) {
  Index extents[kMaxDims];
  model.output_extents(symbols, extents);
  if (too_large(model.table.output, model.table.outputs, extents)) return say(session, LOCKSTEP_BAD_DIM, kTooLarge);
  int status = LOCKSTEP_OK;
  const Index* extent = extents;
  for (int k = 0; k < model.table.outputs; ++k) {
    const lockstep_port& port = model.table.output[k];
    Index size = 1;
    for (int axis = 0; axis < port.rank; ++axis) {
      if (outputs[k].dims != nullptr) outputs[k].dims[axis] = extent[axis];
      size *= extent[axis];
    }
    if (size > outputs[k].capacity && status == LOCKSTEP_OK) {
      std::snprintf(session.message, sizeof session.message, "output '%s' needs room for %lld elements", port.name,
                    static_cast<long long>(size));
      session.said = session.message;
      status = LOCKSTEP_OVER_CAPACITY;
    }
    extent += port.rank;
  }
  return status;
}

inline int run(const Description& model, void* handle, const lockstep_input* inputs, lockstep_output* outputs) {
  Session& session = *static_cast<Session*>(handle);
  Index dims[kMaxDims], symbols[kMaxSymbols];
  collect_dims(model, inputs, dims);
  if (too_large(model.table.input, model.table.inputs, dims)) return say(session, LOCKSTEP_BAD_DIM, kTooLarge);
  if (const char* const problem = model.bind(dims, symbols)) return say(session, LOCKSTEP_BAD_DIM, problem);
  for (Index k = model.bound; k < model.table.symbols; ++k) symbols[k] = session.most[k];
  const auto need_more = [&](const char* text) {
    for (int k = 0; k < model.table.symbols; ++k) session.needed[k] = symbols[k];
    return say(session, LOCKSTEP_OVER_CAPACITY, text);
  };
  const Index shared = model.arena_bytes(symbols), local = model.local_bytes(symbols);
  if (shared + session.crew.most() * local > session.capacity) {
    return need_more("the session was not prepared for extents as large as these");
  }
  for (int k = 0; k < model.table.symbols; ++k) session.needed[k] = symbols[k];
  const int room = model.measures ? int(LOCKSTEP_OK) : offer(model, session, symbols, outputs);
  if (room != LOCKSTEP_OK) return room;
  const void* from[kMaxPorts];
  void* to[kMaxPorts];
  for (int k = 0; k < model.table.inputs; ++k) from[k] = inputs[k].data;
  for (int k = 0; k < model.table.outputs; ++k) to[k] = outputs[k].data;
  Frame frame{from, to, session.data, session.derived, session.arena, session.state, symbols, session.seed, session.draw,
              session.arena + shared, local, 1};
  const int status = session.crew.run([&](int threads) {
    frame.threads = threads;
    return model.compute(frame);
  });
  if (status == LOCKSTEP_OVER_CAPACITY) return need_more("the run found more elements than it was prepared for");
  if (status != LOCKSTEP_OK) return say(session, status, "the data leaves what the model allows: an index its extent, say");
  if (model.measures) {
    const int found = offer(model, session, symbols, outputs);
    if (found != LOCKSTEP_OK) return found;
  }
  if (model.deliver != nullptr) model.deliver(frame);
  ++session.draw;
  return say(session, LOCKSTEP_OK, "ok");
}

// The table's functions, each bound to one model's description.
template <const Description& model>
struct Bound {
  static constexpr lockstep_model table(const char* name, int inputs, int outputs, int symbols, int states,
                                        const lockstep_port* input, const lockstep_port* output,
                                        const lockstep_port* state, const char* const* symbol_names) {
    return {name, inputs, outputs, symbols, states, input, output, state, symbol_names, weights_open, close_weights,
            session_open, close_session, symbols_of, prepare, run, message, needed, reset, state_data, seed};
  }
  static int weights_open(const char* path, void** weights, char* message, std::size_t size) {
    return open_weights(model, path, weights, message, size);
  }
  static int session_open(const void* weights, void** session) { return open_session(model, weights, session); }
  static int symbols_of(const lockstep_input* inputs, std::int64_t* symbols) {
    return lockstep::symbols_of(model, inputs, symbols);
  }
  static int prepare(void* session, const std::int64_t* symbols) { return lockstep::prepare(model, session, symbols); }
  static int run(void* session, const lockstep_input* inputs, lockstep_output* outputs) {
    return lockstep::run(model, session, inputs, outputs);
  }
  static const char* message(const void* session) { return static_cast<const Session*>(session)->said; }
  static void needed(const void* session, std::int64_t* symbols) {
    for (int k = 0; k < model.table.symbols; ++k) symbols[k] = static_cast<const Session*>(session)->needed[k];
  }
  static void reset(void* session) { lockstep::reset(model, session); }
  static const void* state_data(const void* session, std::int32_t state) {
    return static_cast<const Session*>(session)->state + model.kept[state].place;
  }
  static void seed(void* session, std::uint64_t key) {
    static_cast<Session*>(session)->seed = key;
    static_cast<Session*>(session)->draw = 0;
  }
};

}  // namespace LOCKSTEP_TARGET
}  // namespace lockstep
