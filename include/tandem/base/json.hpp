// Reading our JSON formats with errors that name the field: "field 'up_mbps': must be at least 0, is -1".
//
//   Result<Json> json = parse_json(text);
//   JsonReader reader(*json, "tandem.link.v1");      // checks the `format` key
//   link.up = Mbps{reader.number("up_mbps", {.min = 0})};
//   if (Status s = reader.status(); !s) return forward_error(s);
//
// A JsonReader keeps its first error and returns defaults after it, so a reading function stays a plain list of fields.
// Thread rule: one per thread; it borrows the Json, which must outlive it.
#pragma once

#include <limits>
#include <nlohmann/json.hpp>
#include <string>
#include <vector>

#include "tandem/base/result.hpp"

namespace tandem {

using Json = nlohmann::json;

// Depth-limited; NaN and infinities are not JSON and are refused. Error: invalid_argument with the byte offset.
Result<Json> parse_json(const std::string& text);

struct NumberBounds {
  double min = -std::numeric_limits<double>::infinity();
  double max = std::numeric_limits<double>::infinity();
};

class JsonReader {
 public:
  JsonReader(const Json& object, const std::string& format);
  // A nested object; `where` goes in front of field names: "groups[3].latency_ms".
  JsonReader(const Json& object, std::string where, Status so_far);

  double number(const char* key, NumberBounds bounds = {});
  double number_or(const char* key, double fallback, NumberBounds bounds = {});
  int integer(const char* key, int min, int max);
  int integer_or(const char* key, int fallback, int min, int max);
  std::string text(const char* key);
  std::string text_or(const char* key, const std::string& fallback);
  std::vector<std::string> texts(const char* key);
  std::vector<double> numbers(const char* key, NumberBounds bounds = {});
  // The array under `key`, or an empty one after an error.
  const Json& array(const char* key);
  [[nodiscard]] bool has(const char* key) const;

  // Records an error about a field; later ones are ignored.
  void refuse(const std::string& field, const std::string& why);
  [[nodiscard]] const Status& status() const { return status_; }

 private:
  const Json* find(const char* key);
  double checked(const Json& value, const std::string& field, NumberBounds bounds);

  const Json& object_;
  std::string where_;
  Status status_;
};

}  // namespace tandem
