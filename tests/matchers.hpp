// Matchers for Result<T>: EXPECT_THAT(result, IsOk()); EXPECT_THAT(result, HasErrc(Errc::not_found, HasSubstr("x")));
#pragma once

#include <gmock/gmock.h>

#include <string>

#include "tandem/base/result.hpp"

namespace tandem {

MATCHER(IsOk, negation ? "is an error" : "is a value") {
  if (arg.has_value()) return true;
  *result_listener << name_of(arg.error().code) << ": " << arg.error().message;
  return false;
}

MATCHER_P2(HasErrc, code, message_matcher, "is the expected error") {
  if (arg.has_value()) {
    *result_listener << "is a value";
    return false;
  }
  *result_listener << name_of(arg.error().code) << ": " << arg.error().message;
  return arg.error().code == code &&
         ::testing::Matches(::testing::Matcher<std::string>(message_matcher))(arg.error().message);
}

}  // namespace tandem
