// The rules of the house, each a function from a file to the faults found in it.
#pragma once

#include <string>
#include <vector>

#include "source_tree.hpp"

namespace tandem::structure {

// A fault is one line: where, what, and the rule: "src/plan/a.cpp:3: plan must not use engine".
using Faults = std::vector<std::string>;

// A folder uses only folders above it in src/CMakeLists.txt; device and cloud never use each other.
Faults include_direction(const SourceFile& file);
// A library that is to be replaceable is seen in one folder only.
Faults library_at_home(const SourceFile& file);
// Public headers are short, guarded, and open with a comment that says what they are.
Faults public_header(const SourceFile& file);
// One idea to a file, said by its name.
Faults file_size_and_name(const SourceFile& file);
// Nothing names a place of one person's machine.
Faults machine_paths(const SourceFile& file);

}  // namespace tandem::structure
