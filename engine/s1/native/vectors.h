// Sixteen floats at a time, in as many registers as the processor needs for them, and the formats whose values are
// widened into them: fp32, bf16, fp16, int8.

#pragma once

#include <cstdint>
#include <cstring>
#if defined(__x86_64__)
#include <immintrin.h>
#elif defined(__aarch64__)
#include <arm_neon.h>
#endif

namespace {

constexpr int LANES = 16;
#if defined(__AVX512F__)
constexpr int PART = 16;  // what one register holds
#elif defined(__AVX__)
constexpr int PART = 8;
#else
constexpr int PART = 4;
#endif
constexpr int N_PARTS = LANES / PART;

typedef float Part __attribute__((vector_size(PART * 4)));
typedef int32_t PartInts __attribute__((vector_size(PART * 4)));
typedef uint32_t PartWords __attribute__((vector_size(PART * 4)));

template <class V>
inline V load(const void* from) {
    V v;
    std::memcpy(&v, from, sizeof v);
    return v;
}

struct Floats {
    Part part[N_PARTS];
};

// In a vector of 64 bytes GCC would keep what has no register of that size in memory.
template <class Each>
inline Floats each_part(Each each) {
    Floats v;
#pragma GCC unroll 4
    for (int i = 0; i < N_PARTS; i++) v.part[i] = each(i);
    return v;
}

inline Floats all(float value) {
    return each_part([&](int) { return Part{} + value; });
}
inline Floats operator+(const Floats& a, const Floats& b) {
    return each_part([&](int i) { return a.part[i] + b.part[i]; });
}
inline Floats operator*(const Floats& a, const Floats& b) {
    return each_part([&](int i) { return a.part[i] * b.part[i]; });
}
inline Floats operator/(const Floats& a, const Floats& b) {
    return each_part([&](int i) { return a.part[i] / b.part[i]; });
}
inline Floats operator*(const Floats& a, float b) {
    return each_part([&](int i) { return a.part[i] * b; });
}
inline void operator+=(Floats& a, const Floats& b) { a = a + b; }
inline Floats larger(const Floats& a, const Floats& b) {
    return each_part([&](int i) { return a.part[i] > b.part[i] ? a.part[i] : b.part[i]; });
}
inline Floats magnitude(const Floats& a) {
    return each_part([&](int i) { return (Part)((PartWords)a.part[i] & 0x7fffffffu); });
}

template <>
inline Floats load<Floats>(const void* from) {
    return each_part([&](int i) { return load<Part>((const float*)from + i * PART); });
}

inline void store(float* to, const Floats& v) { std::memcpy(to, &v, sizeof v); }

inline float total(const Floats& v) {
#if defined(__AVX512F__)
    return _mm512_reduce_add_ps((__m512)v.part[0]);
#elif defined(__aarch64__)
    return vaddvq_f32((float32x4_t)((v.part[0] + v.part[1]) + (v.part[2] + v.part[3])));
#else
    Part sum = v.part[0];
    for (int i = 1; i < N_PARTS; i++) sum += v.part[i];
    float all = 0;
    for (int i = 0; i < PART; i++) all += sum[i];
    return all;
#endif
}

inline float largest(const Floats& v) {
    float values[LANES];
    store(values, v);
    for (int half = LANES / 2; half; half /= 2)
        for (int i = 0; i < half; i++) values[i] = values[i + half] > values[i] ? values[i + half] : values[i];
    return values[0];
}

// Where GCC 12 would take a conversion of vectors apart, value by value, it is written out.
inline PartWords widened(const uint16_t* from) {
#if defined(__AVX512F__)
    return (PartWords)_mm512_cvtepu16_epi32(_mm256_loadu_si256((const __m256i*)from));
#elif defined(__AVX2__)
    return (PartWords)_mm256_cvtepu16_epi32(_mm_loadu_si128((const __m128i*)from));
#elif defined(__aarch64__)
    return (PartWords)vmovl_u16(vld1_u16(from));
#else
    PartWords v;
    for (int i = 0; i < PART; i++) v[i] = from[i];
    return v;
#endif
}

inline Part widened(const int8_t* from) {
#if defined(__AVX512F__)
    return (Part)_mm512_cvtepi32_ps(_mm512_cvtepi8_epi32(_mm_loadu_si128((const __m128i*)from)));
#elif defined(__AVX2__)
    return (Part)_mm256_cvtepi32_ps(_mm256_cvtepi8_epi32(_mm_loadl_epi64((const __m128i*)from)));
#elif defined(__aarch64__)
    const int8x8_t four = vcreate_s8(load<uint32_t>(from));
    return (Part)vcvtq_f32_s32(vmovl_s16(vget_low_s16(vmovl_s8(four))));
#else
    Part v;
    for (int i = 0; i < PART; i++) v[i] = from[i];
    return v;
#endif
}

inline float bf16_to_float(uint16_t bits) {
    const uint32_t wide = (uint32_t)bits << 16;
    float value;
    std::memcpy(&value, &wide, 4);
    return value;
}

inline uint16_t float_to_bf16(float value) {  // to nearest, ties to even, as PyTorch does
    uint32_t bits;
    std::memcpy(&bits, &value, 4);
    return (uint16_t)((bits + 0x7fff + ((bits >> 16) & 1)) >> 16);
}

inline float half_to_float(uint16_t bits) {
#if defined(__F16C__)
    return _cvtsh_ss(bits);
#elif defined(__aarch64__)
    __fp16 half;
    std::memcpy(&half, &bits, 2);
    return (float)half;
#else  // not every compiler has a type for it here
    const uint32_t wide = (uint32_t)(bits & 0x7fff) << 13 | ((bits & 0x7c00) == 0x7c00 ? 0x7f800000u : 0);
    float value;
    std::memcpy(&value, &wide, 4);
    if ((bits & 0x7c00) != 0x7c00) value *= 0x1p112f;  // the exponents begin elsewhere
    return bits & 0x8000 ? -value : value;
#endif
}

inline uint16_t float_to_half(float value) {  // to nearest, ties to even
#if defined(__F16C__)
    return _cvtss_sh(value, _MM_FROUND_TO_NEAREST_INT);
#elif defined(__aarch64__)
    const __fp16 half = (__fp16)value;
    uint16_t bits;
    std::memcpy(&bits, &half, 2);
    return bits;
#else
    uint32_t wide;
    std::memcpy(&wide, &value, 4);
    const uint16_t sign = (uint16_t)(wide >> 16 & 0x8000);
    wide &= 0x7fffffff;
    if (wide > 0x7f800000) return sign | 0x7e00;          // not a number
    if (wide >= 0x47800000) return sign | 0x7c00;         // beyond what there is
    if (wide < 0x38800000) {                              // so small that the steps are all of one size
        float small;
        std::memcpy(&small, &wide, 4);
        return sign | (uint16_t)__builtin_rintf(small * 0x1p24f);
    }
    return sign | (uint16_t)((wide + 0xfff + (wide >> 13 & 1) - 0x38000000) >> 13);
#endif
}

inline Part widened_half(const uint16_t* from) {
#if defined(__AVX512F__)
    return (Part)_mm512_cvtph_ps(_mm256_loadu_si256((const __m256i*)from));
#elif defined(__AVX__) && defined(__F16C__)
    return (Part)_mm256_cvtph_ps(_mm_loadu_si128((const __m128i*)from));
#elif defined(__aarch64__)
    return (Part)vcvt_f32_f16(vreinterpret_f16_u16(vld1_u16(from)));
#else
    Part v;
    for (int i = 0; i < PART; i++) v[i] = half_to_float(from[i]);
    return v;
#endif
}

// What a format's values are; 16 of them as floats, one as a float, and a float as one.
struct Fp32 {
    typedef float T;
    static Floats wide(const T* p) { return load<Floats>(p); }
    static float one(T v) { return v; }
    static T back(float v) { return v; }
};
struct Bf16 {
    typedef uint16_t T;
    static Floats wide(const T* p) {
        return each_part([&](int i) { return (Part)(widened(p + i * PART) << 16); });
    }
    static float one(T v) { return bf16_to_float(v); }
    static T back(float v) { return float_to_bf16(v); }
};
struct Fp16 {
    typedef uint16_t T;
    static Floats wide(const T* p) {
        return each_part([&](int i) { return widened_half(p + i * PART); });
    }
    static float one(T v) { return half_to_float(v); }
    static T back(float v) { return float_to_half(v); }
};
struct Int8 {
    typedef int8_t T;
    static Floats wide(const T* p) {
        return each_part([&](int i) { return widened(p + i * PART); });
    }
};

// e to the power of x, to 2e-6 of it; beyond 2 to the power of -126 and 126 it stays what it is there.
inline Floats exponential(const Floats& x) {
    return each_part([&](int i) {
        Part t = x.part[i] * 1.44269504f;
        t = t < -126.f ? Part{} - 126.f : t > 126.f ? Part{} + 126.f : t;
        const PartInts whole = __builtin_convertvector(t + (t < 0.f ? Part{} - 0.5f : Part{} + 0.5f), PartInts);
        const Part f = t - __builtin_convertvector(whole, Part);
        Part p = f * 1.5403530e-4f + 1.3333558e-3f;  // of 2 to the power of f: its series
        p = p * f + 9.6181291e-3f;
        p = p * f + 5.5504109e-2f;
        p = p * f + 2.4022651e-1f;
        p = p * f + 6.9314718e-1f;
        p = p * f + 1.f;
        return (Part)((PartInts)p + (whole << 23));
    });
}

// `n` values times as many floats.
template <class F>
inline float dot(const typename F::T* a, const float* b, int n) {
    Floats sums[4] = {};
    int k = 0;
    for (; k + 4 * LANES <= n; k += 4 * LANES)
        for (int u = 0; u < 4; u++) sums[u] += F::wide(a + k + u * LANES) * load<Floats>(b + k + u * LANES);
    for (; k + LANES <= n; k += LANES) sums[0] += F::wide(a + k) * load<Floats>(b + k);
    float sum = total((sums[0] + sums[1]) + (sums[2] + sums[3]));
    for (; k < n; k++) sum += F::one(a[k]) * b[k];
    return sum;
}

}  // namespace
