/* The boundary between the two engines and the rest: plain C structs, nothing else.
 *
 * Beyond this point there are no names, only slots. A decoded event is a table of slots; a slot holds every
 * value that one path of the event led to, in the order of the record. A path that crosses an array leads to
 * many values: predicates ask whether *any* of them matches. Where a rule must keep the elements of an array
 * apart (`answers[any] { … }`, `[all]`, `[none]`), the array is an axis, and the slots below it keep the
 * values of each element in a range of their own.
 */
#pragma once

#include <stdbool.h>
#include <stdint.h>

#ifdef __cplusplus
extern "C" {
#endif

/* What a value is. Only scalars are compared; the last two match nothing but `exists` (and `null`, for an
 * empty array). */
enum rt_kind {
  RT_NULL,
  RT_FALSE,
  RT_TRUE,
  RT_INT,    /* integer */
  RT_REAL,   /* real; never NaN */
  RT_TEXT,   /* data, size: UTF-8 without lone surrogates; also what an ip or a domain is */
  RT_TIME,   /* integer: microseconds since 1970-01-01T00:00:00Z; data, size: as it was written */
  RT_SPAN,   /* integer: microseconds, a length of time */
  RT_OBJECT, /* data, size: its compact JSON, when the slot asks for it, else empty */
  RT_ARRAY   /* an array that has no elements (others are their elements); data, size as for an object */
};

/* What is known of the bytes of a text. */
enum rt_flags {
  RT_ASCII = 1 /* all below 0x80; without the flag nothing is known */
};

typedef struct rt_value {
  const char* data; /* of RT_TEXT, RT_TIME, RT_OBJECT, RT_ARRAY; for numbers the spelling in the record, or null */
  union {
    int64_t integer;
    double real;
  };
  uint32_t size;
  uint8_t kind;  /* rt_kind */
  uint8_t flags; /* rt_flags */
} rt_value;

/* The values of an expression for one event (or one element): borrowed, good until the next event. */
typedef struct rt_list {
  const rt_value* values;
  uint32_t count;
} rt_list;

/* A slot. On axis 0 (the event itself) the values are values[0..count). On another axis the values of
 * element e are values[offsets[e]..offsets[e + 1]). */
typedef struct rt_slot {
  const rt_value* values;
  const uint32_t* offsets; /* null on axis 0 */
  uint32_t count;
} rt_slot;

/* An axis: the elements of one array path. The elements that lie below element p of the parent axis are
 * offsets[p]..offsets[p + 1]; the event is element 0 of axis 0. */
typedef struct rt_axis {
  const uint32_t* offsets;
  uint32_t count;
} rt_axis;

typedef struct rt_event {
  const rt_slot* slots; /* by the slot numbers of the event's source */
  const rt_axis* axes;
  const void* document; /* for the search through a whole event; opaque here */
  int64_t time;         /* event time, microseconds since 1970 */
  uint16_t source;      /* index in the program */
  uint64_t serial;      /* another one for each event of the process: results are remembered by it from one call
                         * to the next; 0: unknown, and nothing is remembered */
} rt_event;

/* What a thread needs to evaluate: made by the engine, used by one thread at a time. */
typedef struct rt_scratch rt_scratch;

/* Evaluates every rule that may match and sets bit r of `matched` for each rule r that does. `matched` has
 * room for every rule of the program and is cleared by the callee. */
typedef void (*rt_match_fn)(const void* code, const rt_event* event, rt_scratch* scratch, uint64_t* matched);

/* Which rules may match an event: decided by a few slots (SourceInfo::deciding_slots), so that of most events little
 * else need be decoded. */
enum rt_reach {
  RT_NO_RULE,       /* none: most events of most packs */
  RT_GENERIC_RULES, /* only those that ask nothing of the deciding slots: SourceInfo::generic_slots is all they read */
  RT_ALL_RULES      /* others too */
};
typedef enum rt_reach (*rt_may_match_fn)(const void* code, const rt_event* event, rt_scratch* scratch);

/* The values of one root (see program.h) for an event. Roots that are conditions give one RT_TRUE or RT_FALSE. */
typedef rt_list (*rt_eval_fn)(const void* code, uint32_t root, const rt_event* event, rt_scratch* scratch);

#ifdef __cplusplus
}
#endif
