#include "jxl.hpp"

#include <jxl/decode.h>
#include <jxl/encode.h>

#include <memory>

namespace tandem::codec {
namespace {

constexpr JxlPixelFormat kGrey{
    .num_channels = 1, .data_type = JXL_TYPE_UINT8, .endianness = JXL_NATIVE_ENDIAN, .align = 0};

struct EncoderDeleter {
  void operator()(JxlEncoder* encoder) const { JxlEncoderDestroy(encoder); }
};
struct DecoderDeleter {
  void operator()(JxlDecoder* decoder) const { JxlDecoderDestroy(decoder); }
};

}  // namespace

Result<std::vector<std::byte>> encode_jxl(const GreyImage& image, int effort) {
  const std::unique_ptr<JxlEncoder, EncoderDeleter> encoder(JxlEncoderCreate(nullptr));
  JxlBasicInfo info;
  JxlEncoderInitBasicInfo(&info);
  info.xsize = static_cast<std::uint32_t>(image.width);
  info.ysize = static_cast<std::uint32_t>(image.height);
  info.bits_per_sample = 8;
  info.num_color_channels = 1;
  info.uses_original_profile = JXL_TRUE;
  JxlColorEncoding colour;
  JxlColorEncodingSetToSRGB(&colour, JXL_TRUE);
  bool fine = JxlEncoderSetBasicInfo(encoder.get(), &info) == JXL_ENC_SUCCESS &&
              JxlEncoderSetColorEncoding(encoder.get(), &colour) == JXL_ENC_SUCCESS;
  JxlEncoderFrameSettings* const settings = JxlEncoderFrameSettingsCreate(encoder.get(), nullptr);
  fine = fine && JxlEncoderSetFrameLossless(settings, JXL_TRUE) == JXL_ENC_SUCCESS &&
         JxlEncoderFrameSettingsSetOption(settings, JXL_ENC_FRAME_SETTING_EFFORT, effort) == JXL_ENC_SUCCESS &&
         JxlEncoderAddImageFrame(settings, &kGrey, image.pixels.data(), image.pixels.size()) == JXL_ENC_SUCCESS;
  JxlEncoderCloseInput(encoder.get());
  std::vector<std::byte> file(2 * image.pixels.size() + 4096);
  auto* next = reinterpret_cast<std::uint8_t*>(file.data());
  std::size_t left = file.size();
  fine = fine && JxlEncoderProcessOutput(encoder.get(), &next, &left) == JXL_ENC_SUCCESS;
  if (!fine) return fail(Errc::internal, "libjxl could not code an image");
  file.resize(file.size() - left);
  return file;
}

Result<std::vector<std::uint8_t>> decode_jxl(std::span<const std::byte> file, std::size_t pixels) {
  const auto damaged = [] { return fail(Errc::data_loss, "the JPEG XL file is damaged"); };
  const std::unique_ptr<JxlDecoder, DecoderDeleter> decoder(JxlDecoderCreate(nullptr));
  if (JxlDecoderSubscribeEvents(decoder.get(), JXL_DEC_FULL_IMAGE) != JXL_DEC_SUCCESS) return damaged();
  JxlDecoderSetInput(decoder.get(), reinterpret_cast<const std::uint8_t*>(file.data()), file.size());
  JxlDecoderCloseInput(decoder.get());
  std::vector<std::uint8_t> image(pixels);
  while (true) {
    const JxlDecoderStatus status = JxlDecoderProcessInput(decoder.get());
    if (status == JXL_DEC_FULL_IMAGE || status == JXL_DEC_SUCCESS) return image;
    if (status != JXL_DEC_NEED_IMAGE_OUT_BUFFER) return damaged();
    std::size_t needed = 0;
    if (JxlDecoderImageOutBufferSize(decoder.get(), &kGrey, &needed) != JXL_DEC_SUCCESS || needed != pixels) {
      return damaged();
    }
    JxlDecoderSetImageOutBuffer(decoder.get(), &kGrey, image.data(), image.size());
  }
}

}  // namespace tandem::codec
