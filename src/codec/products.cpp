#include "products.hpp"

#undef HWY_TARGET_INCLUDE
#define HWY_TARGET_INCLUDE "products.cpp"
#include "simd.hpp"

HWY_BEFORE_NAMESPACE();
namespace tandem::codec::HWY_NAMESPACE {
namespace hn = hwy::HWY_NAMESPACE;

std::int32_t product_of_rows(const std::int16_t* a, const std::int16_t* b, std::size_t count) {
  const hn::ScalableTag<std::int16_t> d;
  const hn::ScalableTag<std::int32_t> d32;
  const std::size_t width = hn::Lanes(d);
  auto sum0 = hn::Zero(d32);
  auto sum1 = hn::Zero(d32);
  for (std::size_t i = 0; i < count; i += width) {
    sum0 = hn::ReorderWidenMulAccumulate(d32, hn::LoadU(d, a + i), hn::LoadU(d, b + i), sum0, sum1);
  }
  return hn::GetLane(hn::SumOfLanes(d32, hn::Add(sum0, sum1)));
}

}  // namespace tandem::codec::HWY_NAMESPACE
HWY_AFTER_NAMESPACE();

#if HWY_ONCE
namespace tandem::codec {

HWY_EXPORT(product_of_rows);

std::int32_t sum_of_products(const std::int16_t* a, const std::int16_t* b, std::size_t count) {
  return HWY_DYNAMIC_DISPATCH(product_of_rows)(a, b, count);
}

}  // namespace tandem::codec
#endif
