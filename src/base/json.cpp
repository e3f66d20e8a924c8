#include "tandem/base/json.hpp"

#include <fmt/format.h>

#include <cmath>
#include <utility>

namespace tandem {
namespace {

constexpr int kMaxDepth = 64;

const Json& empty_array() {
  static const Json empty = Json::array();
  return empty;
}

// The field that is being read: "nodes[3].device_ms".
class Position {
 public:
  void follow(Json::parse_event_t event, const Json& value) {
    switch (event) {
      case Json::parse_event_t::object_start: levels_.push_back({}); return;
      case Json::parse_event_t::array_start: levels_.push_back({.key = {}, .item = 0}); return;
      case Json::parse_event_t::key: levels_.back().key = value.get_ref<const std::string&>(); return;
      case Json::parse_event_t::object_end:
      case Json::parse_event_t::array_end: levels_.pop_back(); break;
      case Json::parse_event_t::value: break;
    }
    if (!levels_.empty() && levels_.back().item >= 0) ++levels_.back().item;
  }
  [[nodiscard]] std::string field() const {
    std::string path;
    for (const Level& level : levels_) {
      if (level.item >= 0)
        path += fmt::format("[{}]", level.item);
      else if (!level.key.empty())
        path += (path.empty() ? "" : ".") + level.key;
    }
    return path;
  }

 private:
  struct Level {
    std::string key{};
    std::int64_t item = -1;  // of an array
  };
  std::vector<Level> levels_;
};

}  // namespace

Result<Json> parse_json(const std::string& text) {
  bool too_deep = false;
  Position position;
  const auto follow = [&](int depth, Json::parse_event_t event, Json& value) {
    too_deep = too_deep || depth > kMaxDepth;
    if (!too_deep) position.follow(event, value);
    return !too_deep;
  };
  try {
    Json json = Json::parse(text, follow);
    if (!too_deep) return json;
    return fail(Errc::invalid_argument, fmt::format("JSON is nested deeper than {}", kMaxDepth));
  } catch (const Json::exception& e) {
    if (too_deep) return fail(Errc::invalid_argument, fmt::format("JSON is nested deeper than {}", kMaxDepth));
    const auto* syntax = dynamic_cast<const Json::parse_error*>(&e);
    std::string message = syntax != nullptr ? fmt::format("not valid JSON at byte {}", syntax->byte) : "not valid JSON";
    if (const std::string field = position.field(); !field.empty()) message += fmt::format(", in field '{}'", field);
    return fail(Errc::invalid_argument, std::move(message));
  }
}

JsonReader::JsonReader(const Json& object, const std::string& format) : object_(object) {
  if (!object.is_object()) {
    status_ = fail(Errc::invalid_argument, fmt::format("must be a JSON object of format '{}'", format));
    return;
  }
  const std::string found = text("format");
  if (status_ && found != format) refuse("format", fmt::format("must be '{}', is '{}'", format, found));
}

JsonReader::JsonReader(const Json& object, std::string where, Status so_far)
    : object_(object), where_(std::move(where)), status_(std::move(so_far)) {
  if (!object.is_object()) {
    if (status_) status_ = fail(Errc::invalid_argument, fmt::format("field '{}': must be an object", where_));
  } else {
    where_ += '.';
  }
}

bool JsonReader::has(const char* key) const {
  return object_.is_object() && object_.contains(key);
}

void JsonReader::refuse(const std::string& field, const std::string& why) {
  if (status_) status_ = fail(Errc::invalid_argument, fmt::format("field '{}{}': {}", where_, field, why));
}

const Json* JsonReader::find(const char* key) {
  if (!status_) return nullptr;
  if (!has(key)) {
    refuse(key, "is missing");
    return nullptr;
  }
  return &object_[key];
}

double JsonReader::checked(const Json& value, const std::string& field, NumberBounds bounds) {
  if (!value.is_number()) {
    refuse(field, "must be a number");
    return 0.0;
  }
  const double number = value.get<double>();
  if (!std::isfinite(number))
    refuse(field, "must be finite");
  else if (number < bounds.min)
    refuse(field, fmt::format("must be at least {}, is {}", bounds.min, number));
  else if (number > bounds.max)
    refuse(field, fmt::format("must be at most {}, is {}", bounds.max, number));
  return number;
}

double JsonReader::number(const char* key, NumberBounds bounds) {
  const Json* value = find(key);
  return value == nullptr ? 0.0 : checked(*value, key, bounds);
}

double JsonReader::number_or(const char* key, double fallback, NumberBounds bounds) {
  return has(key) ? number(key, bounds) : fallback;
}

int JsonReader::integer(const char* key, int min, int max) {
  const double value = number(key, {.min = static_cast<double>(min), .max = static_cast<double>(max)});
  if (status_ && value != std::floor(value)) refuse(key, "must be a whole number");
  return status_ ? static_cast<int>(value) : min;
}

int JsonReader::integer_or(const char* key, int fallback, int min, int max) {
  return has(key) ? integer(key, min, max) : fallback;
}

std::string JsonReader::text(const char* key) {
  const Json* value = find(key);
  if (value == nullptr) return {};
  if (!value->is_string()) {
    refuse(key, "must be a text");
    return {};
  }
  return value->get<std::string>();
}

std::string JsonReader::text_or(const char* key, const std::string& fallback) {
  return has(key) ? text(key) : fallback;
}

const Json& JsonReader::array(const char* key) {
  const Json* value = find(key);
  if (value == nullptr) return empty_array();
  if (!value->is_array()) {
    refuse(key, "must be an array");
    return empty_array();
  }
  return *value;
}

std::vector<std::string> JsonReader::texts(const char* key) {
  std::vector<std::string> result;
  for (const Json& item : array(key)) {
    if (!item.is_string()) {
      refuse(fmt::format("{}[{}]", key, result.size()), "must be a text");
      return {};
    }
    result.push_back(item.get<std::string>());
  }
  return result;
}

std::vector<double> JsonReader::numbers(const char* key, NumberBounds bounds) {
  std::vector<double> result;
  for (const Json& item : array(key)) {
    result.push_back(checked(item, fmt::format("{}[{}]", key, result.size()), bounds));
    if (!status_) return {};
  }
  return result;
}

}  // namespace tandem
