#include "fingerprint.hpp"

#include <fmt/format.h>

#include <openvino/core/attribute_visitor.hpp>

#include "hash.hpp"

namespace tandem::network {
namespace {

void add_operations(const Graph& graph, Hash& hash);

// Adds an operation's attributes. Those without a plain value (shapes, variables) show in the outputs' shapes.
class AttributeHasher : public ov::AttributeVisitor {
 public:
  explicit AttributeHasher(Hash& hash) : hash_(hash) {}

  using ov::AttributeVisitor::on_adapter;
  void on_adapter(const std::string& name, ov::ValueAccessor<void>&) override { hash_.text(name); }
  void on_adapter(const std::string& name, ov::ValueAccessor<void*>& value) override {
    hash_.text(name);
    hash_.bytes({static_cast<const std::byte*>(value.get_ptr()), value.size()});
  }
  void on_adapter(const std::string& name, ov::ValueAccessor<std::string>& value) override { text(name, value.get()); }
  void on_adapter(const std::string& name, ov::ValueAccessor<bool>& value) override {
    number(name, static_cast<std::uint64_t>(value.get()));
  }
  void on_adapter(const std::string& name, ov::ValueAccessor<std::int64_t>& value) override {
    number(name, static_cast<std::uint64_t>(value.get()));
  }
  void on_adapter(const std::string& name, ov::ValueAccessor<std::uint64_t>& value) override {
    number(name, value.get());
  }
  void on_adapter(const std::string& name, ov::ValueAccessor<std::int32_t>& value) override {
    number(name, static_cast<std::uint64_t>(value.get()));
  }
  void on_adapter(const std::string& name, ov::ValueAccessor<float>& value) override {
    number(name, std::bit_cast<std::uint32_t>(value.get()));
  }
  void on_adapter(const std::string& name, ov::ValueAccessor<double>& value) override {
    number(name, std::bit_cast<std::uint64_t>(value.get()));
  }
  void on_adapter(const std::string& name, ov::ValueAccessor<std::vector<std::int32_t>>& value) override {
    list(name, value.get());
  }
  void on_adapter(const std::string& name, ov::ValueAccessor<std::vector<std::int64_t>>& value) override {
    list(name, value.get());
  }
  void on_adapter(const std::string& name, ov::ValueAccessor<std::vector<std::uint64_t>>& value) override {
    list(name, value.get());
  }
  void on_adapter(const std::string& name, ov::ValueAccessor<std::vector<float>>& value) override {
    list(name, value.get());
  }
  void on_adapter(const std::string& name, ov::ValueAccessor<std::vector<double>>& value) override {
    list(name, value.get());
  }
  void on_adapter(const std::string& name, ov::ValueAccessor<std::vector<std::string>>& value) override {
    hash_.text(name);
    for (const std::string& item : value.get()) hash_.text(item);
  }
  void on_adapter(const std::string& name, ov::ValueAccessor<std::shared_ptr<ov::Model>>& body) override {
    hash_.text(name);
    add_operations(Graph(*body.get()), hash_);
  }

 private:
  void number(const std::string& name, std::uint64_t value) {
    hash_.text(name);
    hash_.number(value);
  }
  void text(const std::string& name, const std::string& value) {
    hash_.text(name);
    hash_.text(value);
  }
  template <class T>
  void list(const std::string& name, const std::vector<T>& values) {
    hash_.text(name);
    hash_.bytes(std::as_bytes(std::span(values)));
  }

  Hash& hash_;
};

void add_constant(const ov::op::v0::Constant& constant, Hash& hash) {
  if (constant.get_element_type() == ov::element::string) {
    for (const std::string& value : constant.get_value_strings()) hash.text(value);
  } else {
    hash.bytes({static_cast<const std::byte*>(constant.get_data_ptr()), constant.get_byte_size()});
  }
}

void add_operations(const Graph& graph, Hash& hash) {
  hash.number(static_cast<std::uint64_t>(graph.size()));
  for (const Op& op : graph.ops) {
    hash.text(op->get_type_info().name);
    if (const char* version = op->get_type_info().version_id) hash.text(version);
    for (const Output& input : op->input_values()) {
      hash.number(static_cast<std::uint64_t>(graph.place(input)));
      hash.number(input.get_index());
    }
    for (const Output& output : op->outputs()) {
      hash.text(output.get_element_type().get_type_name());
      hash.text(output.get_partial_shape().to_string());
    }
    if (const auto constant = ov::as_type_ptr<ov::op::v0::Constant>(op)) {
      add_constant(*constant, hash);
    } else {
      AttributeHasher attributes(hash);
      op->visit_attributes(attributes);
    }
  }
}

}  // namespace

std::string fingerprint_of(const Graph& graph, const Partition& partition) {
  Hash hash;
  add_operations(graph, hash);
  for (const int group : partition.group_of) hash.number(static_cast<std::uint64_t>(group));
  return fmt::format("{:016x}", hash.value());
}

}  // namespace tandem::network
