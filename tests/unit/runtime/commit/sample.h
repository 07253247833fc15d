// What the tests of the commit loop share: a folder for a store, rules, and a record that they match.
#pragma once

#include <doctest/doctest.h>
#include <stdlib.h>

#include <filesystem>
#include <memory>
#include <string>

#include "compiler/compile.h"

// Of its own, and gone at the end.
struct Folder {
  Folder() {
    char name[] = "/tmp/weir-commit-XXXXXX";
    path = ::mkdtemp(name);
  }
  ~Folder() { std::filesystem::remove_all(path); }
  std::string path;
};

// One line: a zone that was deleted.
inline std::string event(const std::string& id) {
  return R"({"eventVersion":"1.09","userIdentity":{"type":"IAMUser"},"eventTime":"2026-01-15T10:00:00Z",)"
         R"("eventSource":"route53.amazonaws.com","eventName":"DeleteHostedZone","awsRegion":"us-east-1",)"
         R"("sourceIPAddress":"198.51.100.7","recipientAccountId":"111122223333","eventID":")" +
         id + "\"}\n";
}

// A rule that such a line fires.
inline constexpr const char* kZoneDeleted = R"(
rule zone_deleted {  # allow: W805 the test is outside
  title: "A zone was deleted"
  level: high
  source: cloudtrail
  detection {
    selection { eventName: "DeleteHostedZone" }
    condition: selection
  }
  message: "{eventID}"
}
)";

// Rules that are right.
inline std::shared_ptr<const weir::match::Program> program_of(const std::string& rules) {
  weir::dsl::Diagnostics diagnostics;
  const auto project = weir::compiler::load_texts({{"my.weir", rules}}, diagnostics);
  const auto compiled = weir::compiler::compile(*project, {}, diagnostics);
  REQUIRE(diagnostics.error_count() == 0);
  return compiled.program;
}
