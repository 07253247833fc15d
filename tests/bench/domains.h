// The bench of a pack for Resolver query logs that is mostly lists of domains, against ref.
#pragma once

namespace weir::bench {

// 1,000 rules that hold about 110,000 domains. False when something goes wrong, not when the goal is missed.
bool bench_domains(int rounds, bool json);

}  // namespace weir::bench
