#include "tandem/base/json.hpp"

#include <gmock/gmock.h>

#include "matchers.hpp"

namespace tandem {
namespace {

using ::testing::HasSubstr;

TEST(Json, RefusesWhatIsNotJson) {
  EXPECT_THAT(parse_json("{"), HasErrc(Errc::invalid_argument, HasSubstr("at byte")));
  EXPECT_THAT(parse_json("{\"a\": NaN}"), HasErrc(Errc::invalid_argument, HasSubstr("not valid JSON")));
  EXPECT_THAT(parse_json(std::string(100000, '[')), HasErrc(Errc::invalid_argument, HasSubstr("deeper")));
  EXPECT_THAT(parse_json("{\"a\": 1e999}"), HasErrc(Errc::invalid_argument, HasSubstr("not valid JSON")));
}

TEST(Json, NamesTheFieldThatDoesNotParse) {
  EXPECT_THAT(parse_json(R"({"nodes": [{"ms": 1}, {"id": "a", "ms": NaN}]})"),
              HasErrc(Errc::invalid_argument, HasSubstr("in field 'nodes[1].ms'")));
  EXPECT_THAT(parse_json(R"({"a": {"b": [1, [2, 3], 1e999]}})"),
              HasErrc(Errc::invalid_argument, HasSubstr("in field 'a.b[2]'")));
  EXPECT_THAT(parse_json(R"([1, 2,])"), HasErrc(Errc::invalid_argument, HasSubstr("in field '[2]'")));
}

TEST(JsonReader, NamesTheFieldThatIsWrong) {
  const Json json = {{"format", "f.v1"}, {"rate", -1}, {"name", 3}, {"list", {1, "x"}}};
  JsonReader rate(json, "f.v1");
  rate.number("rate", {.min = 0});
  EXPECT_THAT(rate.status(), HasErrc(Errc::invalid_argument, HasSubstr("field 'rate': must be at least 0, is -1")));
  JsonReader name(json, "f.v1");
  name.text("name");
  EXPECT_THAT(name.status(), HasErrc(Errc::invalid_argument, HasSubstr("'name': must be a text")));
  JsonReader list(json, "f.v1");
  list.numbers("list");
  EXPECT_THAT(list.status(), HasErrc(Errc::invalid_argument, HasSubstr("'list[1]'")));
  JsonReader missing(json, "f.v1");
  missing.number("gone");
  EXPECT_THAT(missing.status(), HasErrc(Errc::invalid_argument, HasSubstr("'gone': is missing")));
}

TEST(JsonReader, ChecksTheFormat) {
  EXPECT_THAT(JsonReader(Json{{"format", "g"}}, "f.v1").status(),
              HasErrc(Errc::invalid_argument, HasSubstr("'format'")));
  EXPECT_THAT(JsonReader(Json::array(), "f.v1").status(), HasErrc(Errc::invalid_argument, HasSubstr("JSON object")));
}

TEST(JsonReader, KeepsTheFirstError) {
  const Json json = {{"format", "f.v1"}};
  JsonReader reader(json, "f.v1");
  reader.number("first");
  reader.number("second");
  EXPECT_THAT(reader.status(), HasErrc(Errc::invalid_argument, HasSubstr("first")));
}

}  // namespace
}  // namespace tandem
