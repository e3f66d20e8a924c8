#include "jpeg.hpp"

#include <fmt/format.h>

// jpeglib.h needs size_t and FILE first.
#include <csetjmp>
#include <cstdio>
#include <cstdlib>
#include <memory>
#include <string>
#include <type_traits>

#include <jerror.h>   // NOLINT
#include <jpeglib.h>  // NOLINT

namespace tandem::codec {
namespace {

// A progressive file may claim any number of scans over the same pixels; honest encoders stay below twenty.
constexpr int kMaxScans = 100;

// libjpeg reports errors by longjmp. No frame between setjmp and longjmp may hold an object with a destructor, hence
// the functions below that only call libjpeg; what owns memory lives in their callers.
struct Reporter {
  jpeg_error_mgr base;
  std::jmp_buf back;
  char message[JMSG_LENGTH_MAX];
};

Reporter& reporter_of(j_common_ptr info) {
  return *reinterpret_cast<Reporter*>(info->err);
}

[[noreturn]] void give_up(j_common_ptr info) {
  Reporter& reporter = reporter_of(info);
  info->err->format_message(info, reporter.message);
  std::longjmp(reporter.back, 1);
}

// libjpeg paints the rest of a file that was cut off in grey and calls that a warning; for us the file is damaged.
void take_cut_off_as_error(j_common_ptr info, int level) {
  const int code = info->err->msg_code;
  if (level < 0 && (code == JWRN_JPEG_EOF || code == JWRN_HIT_MARKER)) give_up(info);
}

void limit_scans(j_common_ptr info) {
  if (reinterpret_cast<j_decompress_ptr>(info)->input_scan_number <= kMaxScans) return;
  Reporter& reporter = reporter_of(info);
  std::snprintf(reporter.message, sizeof reporter.message, "more than %d scans", kMaxScans);
  std::longjmp(reporter.back, 1);
}

void install(Reporter& reporter) {
  jpeg_std_error(&reporter.base);
  reporter.base.error_exit = give_up;
  reporter.base.emit_message = take_cut_off_as_error;
  reporter.message[0] = '\0';
}

struct Decoder {
  jpeg_decompress_struct info{};
  Reporter reporter{};
  jpeg_progress_mgr progress{};

  Decoder() {
    install(reporter);
    info.err = &reporter.base;
    jpeg_create_decompress(&info);
    progress.progress_monitor = limit_scans;
    info.progress = &progress;
  }
  ~Decoder() { jpeg_destroy_decompress(&info); }
  Decoder(const Decoder&) = delete;
  Decoder& operator=(const Decoder&) = delete;
};

bool read_size(Decoder& decoder, const unsigned char* file, unsigned long bytes) {
  if (setjmp(decoder.reporter.back) != 0) return false;
  jpeg_mem_src(&decoder.info, file, bytes);
  jpeg_read_header(&decoder.info, TRUE);
  return true;
}

// `colours`: bytes a pixel, 3 or 1.
bool read_pixels(Decoder& decoder, unsigned char* pixels, std::size_t colours) {
  if (setjmp(decoder.reporter.back) != 0) return false;
  decoder.info.out_color_space = colours == 1 ? JCS_GRAYSCALE : JCS_RGB;
  jpeg_start_decompress(&decoder.info);
  while (decoder.info.output_scanline < decoder.info.output_height) {
    unsigned char* row = pixels + colours * decoder.info.output_width * decoder.info.output_scanline;
    jpeg_read_scanlines(&decoder.info, &row, 1);
  }
  jpeg_finish_decompress(&decoder.info);
  return true;
}

struct Encoder {
  jpeg_compress_struct info{};
  Reporter reporter{};
  unsigned char* file = nullptr;  // allocated by libjpeg with malloc
  unsigned long bytes = 0;

  Encoder() {
    install(reporter);
    info.err = &reporter.base;
    jpeg_create_compress(&info);
  }
  ~Encoder() {
    jpeg_destroy_compress(&info);
    std::free(file);
  }
  Encoder(const Encoder&) = delete;
  Encoder& operator=(const Encoder&) = delete;
};

struct Pixels {
  std::size_t width;
  std::size_t height;
  const unsigned char* bytes;
  int colours;  // bytes a pixel, 3 or 1
};

bool write_pixels(Encoder& encoder, const Pixels& pixels, int quality) {
  if (setjmp(encoder.reporter.back) != 0) return false;
  jpeg_mem_dest(&encoder.info, &encoder.file, &encoder.bytes);
  encoder.info.image_width = static_cast<JDIMENSION>(pixels.width);
  encoder.info.image_height = static_cast<JDIMENSION>(pixels.height);
  encoder.info.input_components = pixels.colours;
  encoder.info.in_color_space = pixels.colours == 1 ? JCS_GRAYSCALE : JCS_RGB;
  jpeg_set_defaults(&encoder.info);
  jpeg_set_quality(&encoder.info, quality, TRUE);
  jpeg_start_compress(&encoder.info, TRUE);
  while (encoder.info.next_scanline < encoder.info.image_height) {
    // libjpeg takes rows as writable and does not write them.
    const std::size_t row_bytes = static_cast<std::size_t>(pixels.colours) * pixels.width;
    auto* row = const_cast<unsigned char*>(pixels.bytes + row_bytes * encoder.info.next_scanline);
    jpeg_write_scanlines(&encoder.info, &row, 1);
  }
  jpeg_finish_compress(&encoder.info);
  return true;
}

Result<std::vector<std::byte>> encode(const Pixels& pixels, int quality) {
  Encoder encoder;
  if (!write_pixels(encoder, pixels, quality)) {
    return fail(Errc::invalid_argument, fmt::format("the image cannot be coded as JPEG: {}", encoder.reporter.message));
  }
  const auto* file = reinterpret_cast<const std::byte*>(encoder.file);
  return std::vector<std::byte>(file, file + encoder.bytes);
}

}  // namespace

bool is_jpeg(std::span<const std::byte> file) {
  return file.size() >= 3 && file[0] == std::byte{0xff} && file[1] == std::byte{0xd8} && file[2] == std::byte{0xff};
}

Result<Image> decode_jpeg(std::span<const std::byte> file, std::size_t max_pixels) {
  const auto refuse = [](const std::string& why) {
    return fail(Errc::invalid_argument, "the JPEG file cannot be read: " + why);
  };
  Decoder decoder;
  if (!read_size(decoder, reinterpret_cast<const unsigned char*>(file.data()), file.size())) {
    return refuse(decoder.reporter.message);
  }
  const std::size_t pixels = std::size_t{decoder.info.image_width} * decoder.info.image_height;
  if (pixels > max_pixels) {
    return refuse(fmt::format("{} by {} pixels, at most {} in all", decoder.info.image_width, decoder.info.image_height,
                              max_pixels));
  }
  Image image{.width = static_cast<int>(decoder.info.image_width),
              .height = static_cast<int>(decoder.info.image_height),
              .rgb = std::vector<std::uint8_t>(3 * pixels)};
  if (!read_pixels(decoder, image.rgb.data(), 3)) return refuse(decoder.reporter.message);
  return image;
}

Result<std::vector<std::byte>> encode_jpeg(const Image& image, int quality) {
  if (quality < 1 || quality > 100) {
    return fail(Errc::invalid_argument, fmt::format("JPEG quality {}: must be 1 to 100", quality));
  }
  return encode({.width = static_cast<std::size_t>(image.width),
                 .height = static_cast<std::size_t>(image.height),
                 .bytes = image.rgb.data(),
                 .colours = 3},
                quality);
}

Result<std::vector<std::byte>> encode_grey_jpeg(const GreyImage& image, int quality) {
  return encode({.width = image.width, .height = image.height, .bytes = image.pixels.data(), .colours = 1}, quality);
}

Result<GreyImage> decode_grey_jpeg(std::span<const std::byte> file, std::size_t width, std::size_t height) {
  const auto refuse = [](const std::string& why) {
    return fail(Errc::invalid_argument, "the JPEG file cannot be read: " + why);
  };
  Decoder decoder;
  if (!read_size(decoder, reinterpret_cast<const unsigned char*>(file.data()), file.size())) {
    return refuse(decoder.reporter.message);
  }
  if (decoder.info.image_width != width || decoder.info.image_height != height || decoder.info.num_components != 1) {
    return refuse(fmt::format("it is not a grey image of {} by {}", width, height));
  }
  GreyImage image{.width = width, .height = height, .pixels = std::vector<std::uint8_t>(width * height)};
  if (!read_pixels(decoder, image.pixels.data(), 1)) return refuse(decoder.reporter.message);
  return image;
}

}  // namespace tandem::codec
