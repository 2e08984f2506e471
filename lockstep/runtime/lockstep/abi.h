/* What every emitted model offers to C and, through it, to every other language. No function here throws or allocates
   except the two that open something and `prepare`. */
#ifndef LOCKSTEP_ABI_H
#define LOCKSTEP_ABI_H

#include <stddef.h>
#include <stdint.h>

#ifdef __cplusplus
extern "C" {
#endif

/* What `run` and `prepare` return. */
enum {
  LOCKSTEP_OK = 0,
  LOCKSTEP_BAD_DIM = 1,       /* an input's extent is not what the model was converted for; nothing was computed */
  LOCKSTEP_OVER_CAPACITY = 2, /* an output or the arena is too small: `prepare` and more room first; nothing changed */
  LOCKSTEP_FAILED_GUARD = 3,  /* the data left what the model allows (an index out of range): outputs are undefined */
  LOCKSTEP_BAD_WEIGHTS = 4,   /* the weights file is missing, cut, or belongs to another model */
  LOCKSTEP_NO_MEMORY = 5
};

enum {
  LOCKSTEP_BOOL, LOCKSTEP_INT8, LOCKSTEP_INT16, LOCKSTEP_INT32, LOCKSTEP_INT64, LOCKSTEP_UINT8, LOCKSTEP_UINT16,
  LOCKSTEP_UINT32, LOCKSTEP_UINT64, LOCKSTEP_FLOAT16, LOCKSTEP_BFLOAT16, LOCKSTEP_FLOAT32, LOCKSTEP_FLOAT64,
  LOCKSTEP_COMPLEX64, LOCKSTEP_COMPLEX128 /* real and imaginary part, two floats or two doubles */
};

/* One input or output as the model was converted: dims[k] is -1 where the extent is known only at run time. */
typedef struct {
  const char* name;
  int32_t dtype;
  int32_t rank;
  const int64_t* dims;
} lockstep_port;

/* Row-major, contiguous; dims has the port's rank (may be null where every dim is fixed). */
typedef struct {
  const void* data;
  const int64_t* dims;
} lockstep_input;

/* capacity counts elements; `run` writes the extents into dims (may be null where every dim is fixed). */
typedef struct {
  void* data;
  int64_t capacity;
  int64_t* dims;
} lockstep_output;

/* A model as a table of functions; NAME_model() gives the one of an emitted package. Weights may be shared by any
   number of sessions; a session belongs to one thread at a time. */
typedef struct {
  const char* name;
  int32_t inputs, outputs, symbols;
  int32_t states;             /* buffers that the model keeps from run to run */
  const lockstep_port* input;
  const lockstep_port* output;
  const lockstep_port* state;
  const char* const* symbol_names;
  /* path may be null for a model without a weights file; on failure message says why */
  int (*weights_open)(const char* path, void** weights, char* message, size_t message_size);
  void (*weights_close)(void* weights);
  int (*session_open)(const void* weights, void** session);
  void (*session_close)(void* session);
  /* the value of every symbol, from the inputs' dims; LOCKSTEP_BAD_DIM where they do not fit the model. A symbol called
     most_N is how many elements memory is prepared for where only the run finds how many there are: 0 here */
  int (*symbols_of)(const lockstep_input* inputs, int64_t* symbols);
  /* sizes the arena for these extents, one a symbol; models without symbols are prepared when opened */
  int (*prepare)(void* session, const int64_t* symbols);
  int (*run)(void* session, const lockstep_input* inputs, lockstep_output* outputs);
  /* what the last status of this session means, in words */
  const char* (*message)(const void* session);
  /* after LOCKSTEP_OVER_CAPACITY: the symbols to `prepare` for; outputs' dims then hold the extents they need, as far as
     they are known */
  void (*needed)(const void* session, int64_t* symbols);
  /* the buffers as they were when the session was opened, random numbers from their start */
  void (*reset)(void* session);
  /* what a buffer holds now: row-major, in the session's own memory */
  const void* (*state_data)(const void* session, int32_t state);
  /* the key of the model's random numbers; the same key gives the same numbers again */
  void (*seed)(void* session, uint64_t key);
} lockstep_model;

#ifdef __cplusplus
}
#endif
#endif
