// See tail_unit.h.
#include "runtime/ingest/tail_unit.h"

#include <fmt/format.h>
#include <sys/stat.h>

#include <algorithm>
#include <cstring>

#include "runtime/ingest/json_walk.h"
#include "runtime/ingest/plain_lines.h"
#include "runtime/ingest/splitter.h"
#include "runtime/ingest/unwrapper.h"
#include "runtime/match/decode.h"
#include "runtime/process/clock.h"
#include "runtime/process/fault.h"

namespace weir::ingest {
namespace {

constexpr size_t kBlockBytes = 1u << 20;
constexpr std::string_view kByteOrderMark = "\xef\xbb\xbf";

// The bytes by which a file is told again, kept while it is read.
class Proof {
 public:
  explicit Proof(Content& content, const TailMark& begin) {
    head_.resize(begin.offset == 0 ? 0 : begin.head_bytes);  // add() begins at the offset
    content.read(0, head_.data(), head_.size());
    foot_.resize(begin.foot_bytes);
    content.read(begin.offset - begin.foot_bytes, foot_.data(), foot_.size());
  }
  void add(std::string_view bytes) {
    head_ += bytes.substr(0, kTailProof - head_.size());
    foot_ += bytes.substr(bytes.size() - std::min(bytes.size(), kTailProof));
    if (foot_.size() > 4 * kTailProof) foot_.erase(0, foot_.size() - kTailProof);
  }
  void write(TailMark& mark) const {
    if (mark.offset == 0) return;  // nothing was added: what it was begun with stands
    std::string_view foot = foot_;
    foot.remove_prefix(foot.size() - std::min(foot.size(), kTailProof));
    mark.head = hash_of(head_);
    mark.head_bytes = static_cast<uint32_t>(head_.size());
    mark.foot = hash_of(foot);
    mark.foot_bytes = static_cast<uint32_t>(foot.size());
  }

 private:
  std::string head_, foot_;
};

// Lines → documents.
class Lines {
 public:
  Lines(const std::string& name, const ReadLimits& limits, Budget& budget, Receiver& receiver)
      : name_(name), budget_(budget), out_(limits, budget, 0, receiver) {}

  // Behind `line` stand match::kPadding readable bytes.
  void take(std::string_view line, const TailMark& at) {
    if (at.offset == 0 && line.starts_with(kByteOrderMark)) line.remove_prefix(kByteOrderMark.size());
    const size_t begin = skip_blanks(line, 0), end = last_filled(line, line.size());
    if (begin >= end) return;
    line = line.substr(begin, end - begin);
    budget_.taken += line.size();
    const Place place{name_, at.line, 0, at.offset + begin};
    if (line[0] == '{' && records_prefix(line) == 0 && is_plain_line(line, {})) {
      out_.document(line, place, 0);
    } else {
      MemoryStream stream(line);
      Splitter(stream, out_, place, 1).run();
    }
  }
  void unreadable(const TailMark& at, std::string reason, std::string_view bytes) {
    out_.unreadable({name_, at.line, 0, at.offset}, std::move(reason), bytes.substr(0, kTailProof));
  }
  void progress(uint64_t bytes) { out_.progress(bytes); }

 private:
  const std::string& name_;
  Budget& budget_;
  Unwrapper out_;
};

}  // namespace

TailUnit::TailUnit(std::shared_ptr<Descriptor> file, const TailMark& begin)
    : file_(std::move(file)), begin_(begin), end_(begin) {}

std::string TailUnit::read(FileReader&, const ReadLimits& limits, Receiver& receiver,
                           const std::atomic<bool>& stop) {
  end_ = begin_;
  upto = from;
  lost_ = more_ = false;
  process::pass(process::Fault::before_inflate);
  Content content(file_);
  lost_ = !content.holds(begin_);
  if (content.failed()) return fmt::format("{}: cannot be read", name);
  if (lost_) return {};
  Proof proof(content, begin_);
  Budget budget{limits.max_ratio};
  Lines lines(name, limits, budget, receiver);
  const uint64_t most = content.compressed() ? UINT64_MAX : kTailBytes;
  std::string buffer;
  size_t held = 0;  // bytes of the buffer, from end_.offset on
  for (bool ended = false; !ended && !more_ && !stop;) {
    buffer.resize(held + kBlockBytes + match::kPadding);
    const int64_t now = process::now_us();
    size_t got = content.read(end_.offset + held, buffer.data() + held, kBlockBytes);
    // Truncated and written anew meanwhile: these bytes are not of this file.
    if (!content.compressed() && !content.failed() && !content.holds(begin_)) {
      lost_ = true;
      got = 0;
    }
    ended = got < kBlockBytes;
    held += got;
    size_t begin = 0;
    while (!more_ && !stop) {
      const size_t newline = std::string_view(buffer.data(), held).find('\n', begin);
      const bool whole = newline != std::string_view::npos;
      if (!whole && held - begin < kLongestLine) break;
      const size_t size = whole ? newline + 1 - begin : kLongestLine;
      const std::string_view line(buffer.data() + begin, size);
      if (whole) {
        lines.take(line, end_);
      } else {
        lines.unreadable(end_, fmt::format("a line longer than {} MiB", kLongestLine >> 20), line);
      }
      proof.add(line);
      end_.offset += size;
      end_.line += whole;
      begin += size;
      more_ = end_.offset - begin_.offset >= most;
    }
    lines.progress(end_.offset - begin_.offset);
    buffer.erase(0, begin);
    held -= begin;
    if (ended && !more_) end_.caught_up = now;
  }
  process::pass(process::Fault::after_inflate);
  if (stop) return {};
  if (content.failed()) return fmt::format("{}: cannot be read further", name);
  if (const std::string damage = content.damage(); !damage.empty() && !more_) {
    lines.unreadable(end_, damage, {});
    end_.damaged = true;
  }
  proof.write(end_);
  upto = end_.bytes();
  return {};
}

// Reading it ended the process: a plain file goes on behind what was read, a compressed one not at all.
std::string TailUnit::beyond() const {
  TailMark mark = begin_;
  Content content(file_);
  struct stat status;
  if (content.compressed() || ::fstat(file_->number(), &status) != 0) {
    mark.damaged = true;
    return mark.bytes();
  }
  Proof proof(content, begin_);
  std::string passed(kBlockBytes, '\0');
  const uint64_t end = std::min(begin_.offset + kTailBytes, static_cast<uint64_t>(status.st_size));
  while (mark.offset < end) {
    const auto room = static_cast<size_t>(std::min<uint64_t>(kBlockBytes, end - mark.offset));
    const size_t got = content.read(mark.offset, passed.data(), room);
    if (got == 0) break;
    proof.add({passed.data(), got});
    mark.offset += got;
    const std::string_view bytes(passed.data(), got);
    mark.line += static_cast<uint64_t>(std::count(bytes.begin(), bytes.end(), '\n'));
  }
  proof.write(mark);
  return mark.bytes();
}

}  // namespace weir::ingest
