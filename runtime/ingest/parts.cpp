// See parts.h.
#include "runtime/ingest/parts.h"

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <cstring>

#include "runtime/ingest/inflate.h"
#include "runtime/ingest/plain_lines.h"
#include "runtime/ingest/unwrapper.h"
#include "runtime/match/decode.h"

namespace weir::ingest {
namespace {

constexpr size_t kNone = std::string_view::npos;
constexpr std::string_view kByteOrderMark = "\xef\xbb\xbf";

// As much of the file as there is, up to `size` bytes.
size_t read_at(int descriptor, uint64_t offset, char* out, size_t size) {
  size_t done = 0;
  while (done < size) {
    ssize_t got = ::pread(descriptor, out + done, size - done, static_cast<off_t>(offset + done));
    if (got < 0 && errno == EINTR) continue;
    if (got <= 0) break;
    done += static_cast<size_t>(got);
  }
  return done;
}

// The lines of part.bytes up to part.size; false when one of them is not plain, or that cannot be told.
bool cut_lines(Part& part) {
  std::string_view bytes = part.bytes;
  part.lines.clear();
  part.line_ends = 0;
  for (size_t at = 0;;) {
    for (; at < part.size && (is_blank(bytes[at]) || bytes[at] == ','); ++at)
      part.line_ends += bytes[at] == '\n';
    if (at >= part.size) return true;
    if (bytes[at] != '{' || records_prefix(bytes.substr(at)) > 0) return false;
    size_t newline = bytes.find('\n', at);
    if (newline >= part.size) return false;
    size_t next = skip_blanks(bytes, newline + 1);
    size_t size = last_filled(bytes, newline) - at;
    if (next >= bytes.size() || !is_plain_line(bytes.substr(at, size), bytes.substr(next, 1))) return false;
    part.lines.push_back(
        {static_cast<uint32_t>(at), static_cast<uint32_t>(size), static_cast<uint32_t>(part.line_ends)});
    ++part.line_ends;
    at = newline + 1;
  }
}

}  // namespace

std::unique_ptr<SharedFile> SharedFile::open(const InputFile& file, const ReadLimits& limits) {
  if (file.bytes < 2 * kPartBytes) return nullptr;
  int descriptor = ::open(file.path.c_str(), O_RDONLY | O_CLOEXEC);
  struct stat status;
  if (descriptor < 0) return nullptr;
  if (::fstat(descriptor, &status) != 0 || !S_ISREG(status.st_mode)) {
    ::close(descriptor);
    return nullptr;
  }
  std::unique_ptr<SharedFile> shared(
      new SharedFile(descriptor, file, limits, static_cast<uint64_t>(status.st_size)));
  Part first;
  first.buffer = std::make_unique_for_overwrite<char[]>(kPartSlack + match::kPadding);
  std::string_view head(first.buffer.get(), read_at(descriptor, 0, first.buffer.get(), kPartSlack));
  if (looks_compressed(head)) return nullptr;
  if (head.starts_with(kByteOrderMark)) shared->position_.offset = kByteOrderMark.size();
  first.bytes = head.substr(shared->position_.offset);
  first.size = std::min(first.bytes.find('\n'), first.bytes.size() - 1) + 1;
  return cut_lines(first) && !first.lines.empty() ? std::move(shared) : nullptr;
}

SharedFile::SharedFile(int descriptor, const InputFile& file, const ReadLimits& limits, uint64_t bytes)
    : descriptor_(descriptor), file_(file), limits_(limits), parts_((bytes + kPartBytes - 1) / kPartBytes) {}

SharedFile::~SharedFile() { ::close(descriptor_); }

bool SharedFile::read_part(Part& part, Receiver& receiver) {
  size_t index = next_.fetch_add(1);
  if (index >= parts_) return false;
  bool plain = load(index, part);
  if (!wait_for_turn(index)) return true;
  if (plain && part.begin == position_.offset) {
    uint64_t first_line = position_.line;
    position_.offset += part.size;
    position_.line += part.line_ends;
    pass_turn(index + 1);
    deliver(part, first_line, receiver);
  } else {
    pass_turn(read_with_care(receiver));
  }
  return true;
}

// A part begins at the first line that begins in its bytes, and ends where the next part begins. The last one
// is left to the splitter, which knows how a file may end.
bool SharedFile::load(size_t index, Part& part) const {
  if (index + 1 >= parts_) return false;
  constexpr size_t kRoom = 1 + kPartBytes + kPartSlack;
  if (!part.buffer) part.buffer = std::make_unique_for_overwrite<char[]>(kRoom + match::kPadding);
  uint64_t from =
      index == 0 ? 0 : index * kPartBytes - 1;  // a line end there makes the next byte a line's first
  size_t got = read_at(descriptor_, from, part.buffer.get(), kRoom);
  std::memset(part.buffer.get() + got, 0, match::kPadding);
  std::string_view bytes(part.buffer.get(), got);
  size_t begin =
      index == 0 ? (bytes.starts_with(kByteOrderMark) ? kByteOrderMark.size() : 0) : bytes.find('\n') + 1;
  size_t end = bytes.find('\n', (index + 1) * kPartBytes - 1 - from);
  if ((index > 0 && begin == 0) || end == kNone || begin > end) return false;
  part.bytes = bytes.substr(begin);
  part.begin = from + begin;
  part.size = end + 1 - begin;
  return cut_lines(part);
}

// False when the part was read together with what stands before it.
bool SharedFile::wait_for_turn(size_t index) {
  std::unique_lock lock(mutex_);
  passed_.wait(lock, [&] { return turn_ >= index; });
  return turn_ == index;
}

void SharedFile::pass_turn(size_t to) {
  {
    std::lock_guard lock(mutex_);
    turn_ = to;
  }
  passed_.notify_all();
}

void SharedFile::deliver(const Part& part, uint64_t first_line, Receiver& receiver) const {
  Budget budget{limits_.max_ratio, part.size, 0};
  Unwrapper unwrapper(limits_, budget, 0, receiver);
  for (const Part::Line& line : part.lines) {
    if (unwrapper.stopped()) break;
    unwrapper.document(part.bytes.substr(line.begin, line.size),
                       Place{file_.path, first_line + line.above, 0, part.begin + line.begin}, 0);
  }
  receiver.progress(part.size + (first_line == 1 ? part.begin : 0));  // a byte-order mark counts to the first
}

// From position_ on; the part whose turn it is then.
size_t SharedFile::read_with_care(Receiver& receiver) {
  Budget budget{limits_.max_ratio};
  ::lseek(descriptor_, static_cast<off_t>(position_.offset), SEEK_SET);  // nobody else reads by its position
  FileStream stream(::dup(descriptor_), budget);
  Unwrapper unwrapper(limits_, budget, 0, receiver);
  bool more = Splitter(stream, unwrapper, Place{file_.path}, 0).run_part(position_, kPartBytes);
  if (budget.failed) {
    receiver.unreadable({Place{file_.path, position_.line, 0, position_.offset}, stream.error(), {}});
    failed_ = true;
    return parts_;
  }
  return more ? position_.offset / kPartBytes : parts_;
}

}  // namespace weir::ingest
