// What is printed where: results on standard output, everything else on standard error; colour and progress
// only on a terminal.
#pragma once

#include <fmt/color.h>
#include <fmt/format.h>

#include <chrono>
#include <cstdio>
#include <iosfwd>
#include <string>
#include <string_view>

namespace weir::cli {

std::ostream& out_stream();
std::ostream& error_stream();

bool is_terminal(std::FILE* file);
bool use_color(std::FILE* file);  // a terminal, and NO_COLOR is not set

// Writes to standard output; when that fails (a full disk), the process ends with kFailed.
void print(std::string_view text);

template <class... Args>
void print_out(fmt::format_string<Args...> format, Args&&... args) {
  print(fmt::format(format, std::forward<Args>(args)...));
}
void print_error_text(std::string_view text);  // "weir: TEXT\n" on standard error
template <class... Args>
void print_error(fmt::format_string<Args...> format, Args&&... args) {
  print_error_text(fmt::format(format, std::forward<Args>(args)...));
}

std::string paint(std::string_view text, fmt::text_style style, bool color);

// 12,345 · 3.4 MB · 12 s: numbers for people.
std::string grouped(uint64_t number);
std::string counted(uint64_t number, std::string_view noun);  // "1 rule", "2,000 rules"
std::string bytes_text(uint64_t bytes);
std::string seconds_text(double seconds);

// One line on standard error, rewritten at most ten times a second; nothing when that is no terminal.
class ProgressLine {
 public:
  ProgressLine();
  ~ProgressLine();  // clears the line
  bool due();       // time to show a new text
  void show(std::string_view text);
  void clear();

 private:
  bool on_;
  bool shown_ = false;
  std::chrono::steady_clock::time_point last_{};
};

}  // namespace weir::cli
