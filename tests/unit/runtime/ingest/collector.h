// A receiver that keeps what it is given, and bytes as files bring them.
#pragma once

#include <zlib.h>
#include <zstd.h>

#include <string>
#include <string_view>
#include <vector>

#include "runtime/ingest/files.h"
#include "runtime/match/decode.h"

namespace weir::ingest {

struct Collector : Receiver {
  struct Got {
    std::string bytes;
    bool text;
    uint64_t line, record, offset;
  };
  struct Bad {
    std::string reason, head;
    uint64_t line, record, offset;
  };
  std::vector<Got> records;
  std::vector<Bad> problems;
  std::vector<Skip> skips;
  uint64_t total = 0;
  uint64_t padding = 0;  // the sum of what stands behind records: reading it is the test

  void record(const Record& r) override {
    records.push_back({std::string(r.bytes), r.text, r.place.line, r.place.record, r.place.offset});
    if (r.text) return;
    const char* end = r.bytes.data() + r.bytes.size();
    for (size_t i = 0; i < match::kPadding; ++i) padding += static_cast<unsigned char>(end[i]);
  }
  void unreadable(const Problem& p) override {
    problems.push_back({p.reason, std::string(p.head), p.place.line, p.place.record, p.place.offset});
  }
  void skipped(Skip why, const Place&, uint64_t count) override { skips.insert(skips.end(), count, why); }
  void progress(uint64_t bytes) override {
    if (bytes > total) total = bytes;
  }

  std::vector<std::string> texts() const {
    std::vector<std::string> out;
    for (const Got& got : records) out.push_back(got.bytes);
    return out;
  }
};

inline Collector read(std::string_view bytes, const ReadLimits& limits = {}) {
  Collector collector;
  read_bytes("test", bytes, limits, collector);
  return collector;
}

inline std::string gzip(std::string_view bytes, int level = 6) {
  z_stream stream = {};
  deflateInit2(&stream, level, Z_DEFLATED, 15 + 16, 8, Z_DEFAULT_STRATEGY);
  std::string out(deflateBound(&stream, bytes.size()) + 64, '\0');
  stream.next_in = reinterpret_cast<Bytef*>(const_cast<char*>(bytes.data()));
  stream.avail_in = static_cast<uInt>(bytes.size());
  stream.next_out = reinterpret_cast<Bytef*>(out.data());
  stream.avail_out = static_cast<uInt>(out.size());
  deflate(&stream, Z_FINISH);
  out.resize(stream.total_out);
  deflateEnd(&stream);
  return out;
}

inline std::string zstd(std::string_view bytes) {
  std::string out(ZSTD_compressBound(bytes.size()), '\0');
  out.resize(ZSTD_compress(out.data(), out.size(), bytes.data(), bytes.size(), 3));
  return out;
}

inline std::string base64(std::string_view bytes) {
  constexpr std::string_view kAlphabet = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
  std::string out;
  for (size_t i = 0; i < bytes.size(); i += 3) {
    uint32_t group = 0;
    for (size_t k = 0; k < 3; ++k) {
      group = group << 8 | (i + k < bytes.size() ? static_cast<unsigned char>(bytes[i + k]) : 0);
    }
    for (size_t k = 0; k < 4; ++k) {
      out += i + k > bytes.size() ? '=' : kAlphabet[group >> (18 - 6 * k) & 63];
    }
  }
  return out;
}

// As a JSON string literal.
inline std::string quoted(std::string_view text) {
  std::string out = "\"";
  for (char c : text) {
    if (c == '"' || c == '\\') out += '\\';
    if (c == '\n') {
      out += "\\n";
    } else {
      out += c;
    }
  }
  return out + '"';
}

}  // namespace weir::ingest
