#include "tandem/network/import.hpp"

#include <gmock/gmock.h>

#include <filesystem>
#include <fstream>

#include "matchers.hpp"
#include "models.hpp"

namespace tandem::network {
namespace {

using namespace testing;
using namespace ov::op;
using ::testing::AllOf;
using ::testing::HasSubstr;
using ::testing::Not;

class Import : public ::testing::Test {
 protected:
  void SetUp() override {
    folder_ =
        std::filesystem::path(::testing::TempDir()) / ::testing::UnitTest::GetInstance()->current_test_info()->name();
    std::filesystem::create_directories(folder_);
  }
  void TearDown() override { std::filesystem::remove_all(folder_); }

  [[nodiscard]] std::string path(const std::string& name) const { return (folder_ / name).string(); }

  std::string write(const std::string& name, const std::string& content) const {
    std::ofstream(path(name), std::ios::binary) << content;
    return path(name);
  }

  static std::string read(const std::string& path) {
    std::ifstream file(path, std::ios::binary);
    return {std::istreambuf_iterator<char>(file), {}};
  }

  // A model whose batch and width are open.
  std::string write_open_model() const {
    const auto parameter = std::make_shared<v0::Parameter>(ov::element::f32, ov::PartialShape{-1, 3, 8, -1});
    parameter->set_friendly_name("image");
    parameter->output(0).set_names({"image"});
    const auto relu = std::make_shared<v0::Relu>(parameter);
    const ov::Model model(ov::OutputVector{relu}, ov::ParameterVector{parameter});
    EXPECT_THAT(save_ir(model, path("open.xml")), IsOk());
    return path("open.xml");
  }

  std::filesystem::path folder_;
};

// One line that names the file and says what is wrong.
auto refuses(const std::string& file, const std::string& why) {
  return HasErrc(Errc::invalid_argument, AllOf(HasSubstr(file), HasSubstr(why), Not(HasSubstr("\n"))));
}

TEST_F(Import, AnIrFileComesBackAsItWas) {
  const auto network = Network::from_model(residual_model(), "test").value();
  ASSERT_THAT(save_ir(*network.model(), path("net.xml")), IsOk());
  const auto read = load(path("net.xml"));
  ASSERT_THAT(read, IsOk());
  EXPECT_EQ(read->name(), "net");
  EXPECT_EQ(layer_names(*read), layer_names(network));
  EXPECT_EQ(read->fingerprint(), network.fingerprint());
  EXPECT_EQ(read->boundaries(), network.boundaries());
  const auto inputs = random_inputs(*network.model());
  EXPECT_LE(relative_difference(run(network.model(), inputs), run(read->model(), inputs)), 1e-6);
}

TEST_F(Import, NamesAFileThatIsNotThere) {
  EXPECT_THAT(load(path("gone.onnx")), HasErrc(Errc::not_found, HasSubstr("gone.onnx: no such file")));
}

TEST_F(Import, RefusesGarbageInOneLine) {
  for (const std::string name : {"a.onnx", "a.tflite", "a.xml", "a.pb", "a.pdmodel", "a.jpg", "a"}) {
    EXPECT_THAT(load(write(name, "no model at all")), refuses(name, "not a")) << name;
    EXPECT_THAT(load(write(name, "")), refuses(name, "not a")) << name << ", empty";
  }
}

TEST_F(Import, RefusesAFolderWithoutAModel) {
  EXPECT_THAT(load(folder_.string()), refuses(folder_.string(), ""));
}

TEST_F(Import, RefusesTruncatedIr) {
  const auto network = Network::from_model(residual_model(), "test").value();
  ASSERT_THAT(save_ir(*network.model(), path("net.xml")), IsOk());
  const std::string xml = read(path("net.xml"));
  const std::string bin = read(path("net.bin"));
  write("net.bin", bin.substr(0, bin.size() / 2));
  EXPECT_THAT(load(path("net.xml")), refuses("net.xml", "bin file"));
  write("net.bin", bin);
  for (std::size_t size = 0; size < xml.size(); size += 97) {
    EXPECT_THAT(load(write("net.xml", xml.substr(0, size))), refuses("net.xml", "")) << size << " bytes";
  }
  write("net.xml", xml);
  std::filesystem::remove(path("net.bin"));
  EXPECT_THAT(load(path("net.xml")), HasErrc(Errc::not_found, HasSubstr("'net.bin'")));
}

TEST_F(Import, NamesAnOperatorThatIsUnknown) {
  const auto network = Network::from_model(residual_model(), "test").value();
  ASSERT_THAT(save_ir(*network.model(), path("net.xml")), IsOk());
  std::string xml = read(path("net.xml"));
  const auto found = xml.find("type=\"ReLU\"");
  ASSERT_NE(found, std::string::npos);
  xml.replace(found, 11, "type=\"Frob\"");
  EXPECT_THAT(load(write("net.xml", xml)), refuses("net.xml", "Frob"));
}

TEST_F(Import, AsksForShapesThatAreOpen) {
  const std::string file = write_open_model();
  EXPECT_THAT(load(file), refuses("open.xml", "--shape image=[1,3,8,224]"));
}

TEST_F(Import, TakesShapesAndBatchFromOptions) {
  const std::string file = write_open_model();
  const auto given = load(file, {.shapes = {{"image", {2, 3, 8, 16}}}});
  ASSERT_THAT(given, IsOk());
  EXPECT_EQ(to_string(given->boundaries()[0].tensors.at(0)), "f32[2,3,8,16]");

  EXPECT_THAT(load(file, {.shapes = {{"imgae", {2, 3, 8, 16}}}}), refuses("open.xml", "there is image"));
  EXPECT_THAT(load(file, {.shapes = {{"image", {2, 4, 8, 16}}}}), refuses("open.xml", "takes [?,3,8,?]"));
  EXPECT_THAT(load(file, {.shapes = {{"image", {2, 3, 0, 16}}}}), refuses("open.xml", "below 1"));
  EXPECT_THAT(load(file, {.batch = 0, .shapes = {{"image", {2, 3, 8, 16}}}}), refuses("open.xml", "batch"));
}

TEST_F(Import, ShapeComputationsVanish) {
  const auto parameter = std::make_shared<v0::Parameter>(ov::element::f32, ov::PartialShape{-1, 2, 3, 4});
  parameter->output(0).set_names({"x"});
  const auto shape = std::make_shared<v3::ShapeOf>(parameter);
  const auto first = v0::Constant::create(ov::element::i64, {1}, {0});
  const auto batch = std::make_shared<v8::Gather>(shape, first, v0::Constant::create(ov::element::i64, {}, {0}));
  const auto rest = v0::Constant::create(ov::element::i64, {1}, {-1});
  const auto target = std::make_shared<v0::Concat>(ov::OutputVector{batch, rest}, 0);
  const auto flat = std::make_shared<v1::Reshape>(parameter, target, false);
  ModelBuilder b;
  const auto fc = std::make_shared<v0::MatMul>(std::make_shared<v0::Relu>(flat), b.weights({5, 24}), false, true);
  ASSERT_THAT(save_ir(ov::Model(ov::OutputVector{fc}, ov::ParameterVector{parameter}), path("net.xml")), IsOk());
  const auto network = load(path("net.xml"), {.batch = 4});
  ASSERT_THAT(network, IsOk());
  EXPECT_EQ(network->layers().size(), 1U);
  EXPECT_EQ(to_string(network->layers()[0].output), "f32[4,5]");
}

TEST_F(Import, SmallWeightsStaySmall) {
  ModelBuilder b;
  const auto packed =
      v0::Constant::create(ov::element::f16, {256, 256}, std::vector<float>(std::size_t{256} * 256, 0.5F));
  const Value fc =
      b.op<v0::MatMul>("fc", b.input("x", {1, 256}), b.op<v0::Convert>("", packed, ov::element::f32), false, true);
  ASSERT_THAT(save_ir(*b.model({fc}), path("net.xml")), IsOk());
  const auto network = load(path("net.xml"));
  ASSERT_THAT(network, IsOk());
  EXPECT_EQ(network->layers().at(0).parameters, 256 * 256);
  for (const auto& op : network->model()->get_ops()) {
    const auto constant = ov::as_type_ptr<v0::Constant>(op);
    const std::size_t bytes = constant ? constant->get_byte_size() : 0;
    EXPECT_LE(bytes, 256U * 256 * 2);
  }
}

TEST_F(Import, SavesCompletelyOrNotAtAll) {
  const auto model = residual_model();
  EXPECT_THAT(save_ir(*model, path("net.onnx")), HasErrc(Errc::invalid_argument, HasSubstr(".xml")));
  EXPECT_THAT(save_ir(*model, path("missing/net.xml")),
              HasErrc(Errc::invalid_argument, HasSubstr("cannot be written")));
  ASSERT_THAT(save_ir(*model, path("net.xml")), IsOk());
  std::vector<std::string> files;
  for (const auto& entry : std::filesystem::directory_iterator(folder_)) files.push_back(entry.path().filename());
  EXPECT_THAT(files, ::testing::UnorderedElementsAre("net.xml", "net.bin"));
}

TEST_F(Import, KnowsTheZooByName) {
  EXPECT_THAT(load("zoo:nonsense"), HasErrc(Errc::not_found, HasSubstr("nonsense")));
}

}  // namespace
}  // namespace tandem::network
