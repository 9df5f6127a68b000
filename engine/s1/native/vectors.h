// Vectors of 16 floats, and the formats whose values are widened into them: fp32, bf16, fp16, int8.

#pragma once

#include <cstdint>
#include <cstring>
#if defined(__x86_64__)
#include <immintrin.h>
#endif

namespace {

constexpr int LANES = 16;

typedef float Floats __attribute__((vector_size(64)));
typedef int32_t Ints __attribute__((vector_size(64)));
typedef uint32_t Words __attribute__((vector_size(64)));
typedef int8_t Bytes __attribute__((vector_size(16)));
typedef uint16_t Shorts __attribute__((vector_size(32)));

template <class V>
inline V load(const void* from) {
    V v;
    std::memcpy(&v, from, sizeof v);
    return v;
}

inline void store(float* to, Floats v) { std::memcpy(to, &v, sizeof v); }

inline float total(Floats v) {
#if defined(__AVX512F__)
    return _mm512_reduce_add_ps((__m512)v);
#else
    float sum = 0;
    for (int i = 0; i < LANES; i++) sum += v[i];
    return sum;
#endif
}

// Where GCC 12 would take a conversion of vectors apart, value by value, it is written out.
inline Words widened(const uint16_t* from) {
#if defined(__AVX512F__)
    return (Words)_mm512_cvtepu16_epi32(_mm256_loadu_si256((const __m256i*)from));
#else
    return __builtin_convertvector(load<Shorts>(from), Words);
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
#else
    _Float16 half;
    std::memcpy(&half, &bits, 2);
    return (float)half;
#endif
}

inline uint16_t float_to_half(float value) {
#if defined(__F16C__)
    return _cvtss_sh(value, _MM_FROUND_TO_NEAREST_INT);
#else
    _Float16 half = (_Float16)value;
    uint16_t bits;
    std::memcpy(&bits, &half, 2);
    return bits;
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
    static Floats wide(const T* p) { return (Floats)(widened(p) << 16); }
    static float one(T v) { return bf16_to_float(v); }
    static T back(float v) { return float_to_bf16(v); }
};
struct Fp16 {
    typedef uint16_t T;
    static Floats wide(const T* p) {
#if defined(__AVX512F__)
        return (Floats)_mm512_cvtph_ps(_mm256_loadu_si256((const __m256i*)p));
#else
        Floats v;
        for (int i = 0; i < LANES; i++) v[i] = half_to_float(p[i]);
        return v;
#endif
    }
    static float one(T v) { return half_to_float(v); }
    static T back(float v) { return float_to_half(v); }
};
struct Int8 {
    typedef int8_t T;
    static Floats wide(const T* p) {
#if defined(__AVX512F__)
        return (Floats)_mm512_cvtepi32_ps(_mm512_cvtepi8_epi32(_mm_loadu_si128((const __m128i*)p)));
#else
        return __builtin_convertvector(__builtin_convertvector(load<Bytes>(p), Ints), Floats);
#endif
    }
};

// Four bits, 0 to 15, as -8 to 7: the lowest of each lane, whatever stands above them.
inline Floats nibbles(Words words) {
#if defined(__AVX512F__)
    const __m512 values = _mm512_setr_ps(-8, -7, -6, -5, -4, -3, -2, -1, 0, 1, 2, 3, 4, 5, 6, 7);
    return (Floats)_mm512_permutexvar_ps((__m512i)words, values);  // looks at no other bits
#else
    return __builtin_convertvector((Ints)(words & 15) - 8, Floats);
#endif
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
