// See firehose_reader.h.
#include "runtime/ingest/http/firehose_reader.h"

#include <fmt/format.h>

#include <cstring>

#include "runtime/ingest/json_walk.h"
#include "runtime/ingest/window.h"

namespace weir::ingest {
namespace {

constexpr size_t kMostOther = 64u << 10;  // of a key, and of a value that is not `records`

class FirehoseReader {
 public:
  FirehoseReader(ByteStream& stream, Unwrapper& out, const Place& place)
      : stream_(stream), window_(stream), out_(out), place_(place) {}

  std::string run() {
    std::string problem = object();
    if (!stream_.error().empty()) problem = stream_.error();
    if (problem.empty() && !found_) problem = "it has no list of `records`";
    out_.progress(window_.bytes_read());
    if (!found_ || problem.empty()) return problem;
    out_.unreadable_file(here(), problem);
    return {};
  }

 private:
  // All of these: empty, or a sentence.

  std::string object() {
    if (!filled() || first() != '{') return "it is no JSON object";
    window_.consume(1);
    while (filled() && !out_.stopped()) {
      if (first() == '}') return {};
      if (first() == ',') {
        window_.consume(1);
      } else if (std::string problem = member(); !problem.empty()) {
        return problem;
      }
    }
    return "the object ends early";
  }

  std::string member() {
    size_t size = 0;
    if (first() != '"') return "it is not JSON";
    if (std::string problem = value(kMostOther, size); !problem.empty()) return problem;
    const bool records = window_.rest().substr(0, size) == "\"records\"";
    window_.consume(size);
    if (!filled() || first() != ':') return "it is not JSON";
    window_.consume(1);
    if (!filled()) return "the object ends early";
    if (records && first() == '[') return elements();
    std::string problem = value(kMostOther, size);
    window_.consume(size);
    return problem;
  }

  std::string elements() {
    found_ = true;
    window_.consume(1);
    while (filled()) {
      if (out_.stopped()) return {};
      if (first() == ']' || first() == ',') {
        const bool end = first() == ']';
        window_.consume(1);
        if (end) return {};
        continue;
      }
      size_t size = 0;
      if (std::string problem = value(kMostElement, size); !problem.empty()) return problem;
      element(window_.rest().substr(0, size));
      window_.consume(size);
    }
    return "the list of records ends early";
  }

  void element(std::string_view bytes) {
    Members members(bytes);
    while (members.next()) {
      if (members.key != "data") continue;
      out_.base64(members.value, here(), 1);
      return;
    }
    out_.unreadable(here(), "no `data` in it", bytes);
  }

  // The size of the value that begins here.
  std::string value(size_t most, size_t& size) {
    size = 0;
    if (!std::strchr("{[\"", first())) return scalar(most, size);
    Extent extent;
    do {
      size_t used = 0;
      const Extent::State state = extent.feed(window_.rest().substr(size), used);
      size += used;
      if (state == Extent::State::done) return {};
      if (state == Extent::State::broken) return extent.reason();
      if (size > most) return fmt::format("a value in it is longer than {} bytes", most);
    } while (window_.fill());
    return "it ends within a value";
  }

  std::string scalar(size_t most, size_t& size) {
    do {
      size = window_.rest().find_first_of(",]} \t\r\n", size);
      if (size != std::string_view::npos) return size == 0 ? "it is not JSON" : std::string();
      size = window_.rest().size();
    } while (size <= most && window_.fill());
    return "it ends within a value";
  }

  // Passes over blanks; false at the end.
  bool filled() {
    for (;;) {
      window_.consume(skip_blanks(window_.rest()));
      if (!window_.rest().empty()) return true;
      if (!window_.fill()) return false;
    }
  }

  char first() const { return window_.rest()[0]; }

  Place here() const {
    Place place = place_;
    place.offset = window_.offset();
    return place;
  }

  ByteStream& stream_;
  Window window_;
  Unwrapper& out_;
  Place place_;
  bool found_ = false;
};

}  // namespace

std::string read_firehose(ByteStream& stream, Unwrapper& out, const Place& place) {
  return FirehoseReader(stream, out, place).run();
}

}  // namespace weir::ingest
