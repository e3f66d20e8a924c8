#include "pools.hpp"

#include <filesystem>
#include <fstream>
#include <sstream>

namespace tandem::e2e {
namespace {

std::string port(const char* direction, int number, const Pools& pools, int extent) {
  std::ostringstream text;
  text << '<' << direction << "><port id=\"" << number << "\" precision=\"FP32\"><dim>1</dim><dim>" << pools.channels
       << "</dim><dim>" << extent << "</dim><dim>" << extent << "</dim></port></" << direction << '>';
  return text.str();
}

}  // namespace

void write_pools(const std::string& file, const Pools& pools) {
  constexpr int kExtent = 16;
  std::ostringstream layers;
  std::ostringstream edges;
  layers << R"(<layer id="0" name="input" type="Parameter" version="opset1"><data shape="1,)" << pools.channels << ','
         << kExtent << ',' << kExtent << R"(" element_type="f32"/>)" << port("output", 1, pools, kExtent)
         << "</layer>\n";
  int extent = kExtent;
  for (int layer = 1; layer <= pools.layers; ++layer) {
    const bool whole = pools.classifies && layer == pools.layers;
    layers << R"(<layer id=")" << layer << R"(" name="pool)" << layer
           << R"(" type="MaxPool" version="opset1"><data strides="1,1" rounding_type="floor" auto_pad="explicit" )"
           << (whole ? R"(pads_begin="0,0" pads_end="0,0" kernel="16,16"/>)"
                     : R"(pads_begin="1,1" pads_end="1,1" kernel="3,3"/>)")
           << port("input", 0, pools, extent);
    if (whole) extent = 1;
    layers << port("output", 1, pools, extent) << "</layer>\n";
  }
  layers << R"(<layer id=")" << pools.layers + 1 << R"(" name="output" type="Result" version="opset1">)"
         << port("input", 0, pools, extent) << "</layer>";
  for (int layer = 0; layer <= pools.layers; ++layer) {
    edges << R"(<edge from-layer=")" << layer << R"(" from-port="1" to-layer=")" << layer + 1 << R"(" to-port="0"/>)";
  }
  const std::filesystem::path path(file);
  std::ofstream(path) << R"(<net name=")" << path.stem().string() << R"(" version="11"><layers>)" << layers.str()
                      << "</layers><edges>" << edges.str() << "</edges></net>";
  std::ofstream(std::filesystem::path(path).replace_extension(".bin"));
}

}  // namespace tandem::e2e
