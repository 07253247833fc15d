#include "tests/bench/stream.h"

#include <fmt/format.h>
#include <unistd.h>

#include <filesystem>
#include <fstream>

#include "cli/scanner.h"

namespace weir::bench {
namespace fs = std::filesystem;

Stream::Stream(std::string_view extension, const std::vector<std::string>& texts) {
  static unsigned made = 0;
  for (const std::string& text : texts) {
    const fs::path path =
        fs::temp_directory_path() / fmt::format("weir-bench-{}-{}{}", getpid(), made++, extension);
    std::ofstream(path, std::ios::binary) << text;
    files_.push_back({path.string(), text.size()});
  }
}

Stream::~Stream() {
  for (const ingest::InputFile& file : files_) fs::remove(file.path);
}

Candidate Stream::scan(const char* name, std::shared_ptr<const match::Program> program,
                       unsigned threads) const {
  return {name,
          [this, program, threads] {
            cli::ScanProgress progress;
            cli::ScanOptions options;
            options.threads = threads;
            options.temporary_folder = fs::temp_directory_path().string();
            return cli::scan_inputs(program, files_, options, progress).counts.events;
          },
          {}};
}

}  // namespace weir::bench
