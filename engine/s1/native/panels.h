// A matrix times a few vectors, as fast as memory delivers the matrix.
//
// Sixteen rows make a panel, which lies in memory as it is read, from front to back: the sixteen weights of one column side
// by side, each row a lane of its own. So nothing is added across lanes, and one stream is all that memory has to foresee.

#pragma once

#include "vectors.h"

#include <algorithm>
#include <vector>

// Whether the processor multiplies bytes: codes of int4, or also those of int8, whose sums are too large for 16 bits.
#if defined(__AVX512VNNI__) || defined(__AVXVNNI__)
#define LECTERN_WIDE_BYTES 1
#else
#define LECTERN_WIDE_BYTES 0
#endif
#if LECTERN_WIDE_BYTES || defined(__AVX2__) || defined(__ARM_FEATURE_DOTPROD)
#define LECTERN_BYTES 1
#else
#define LECTERN_BYTES 0
#endif

namespace {

enum Format : int32_t { FP32, BF16, FP16, INT8, INT4 };

constexpr int GROUP = 32;         // int4: weights of a row that share a scale and a zero; and inputs of a byte, a scale
constexpr int GROUP_WORDS = 5 * LANES;  // of a panel's group: scales and zeros, then 32 columns of nibbles
constexpr int AHEAD = 16 * 1024;  // bytes: memory answers late, and foresees too little by itself

}  // namespace

extern "C" {

struct Matrix {         // (rows, columns)
    const void* panels; // ceil(rows / 16) panels, the last filled up with zeros. Plain: for each column 16 values; int8 too,
                        // but for processors that multiply bytes: for each 4 columns 16 times 4 values + 128, the
                        // columns filled up to 32s.
                        // int4: for each 32 columns 16 words of scale (low) and zero (high) in bf16, and four times
                        // 16 words, a row's next eight codes each, the first four in the low halves of the bytes:
                        // w = (code - 8) * scale + zero
    const void* scales; // int8: bf16 (rows), a panel's filled up; else null
    const float* bias;  // (rows), or null
    int32_t rows, columns, format;
};

}  // extern "C"

namespace {

inline int n_panels(const Matrix& w) { return (w.rows + LANES - 1) / LANES; }

inline int n_groups(int columns) { return (columns + GROUP - 1) / GROUP; }

inline int64_t panel_bytes(int columns, int format) {
    if (format == INT8 && LECTERN_WIDE_BYTES) return (int64_t)n_groups(columns) * GROUP * LANES;
    if (format == INT4) return (int64_t)columns / GROUP * GROUP_WORDS * 4;
    return (int64_t)columns * LANES * (format == FP32 ? 4 : format == INT8 ? 1 : 2);
}

// Into the second cache: the first can wait for 16 lines only.
inline void ask_ahead(const void* from, int n_bytes, int ahead = AHEAD) {
    for (int i = 0; i < n_bytes; i += 64) __builtin_prefetch((const char*)from + ahead + i, 0, 2);
}

// That a panel is multiplied with at a time: there are so many registers.
#if defined(__aarch64__)
constexpr int MAX_VECTORS = 16 / N_PARTS;
#else
constexpr int MAX_VECTORS = 8 / N_PARTS;
#endif

// Sums of each of m vectors, so that additions need not wait for one another. Where registers suffice there are as many
// for each m: then what comes out does not depend on who else is multiplied.
constexpr int chains(int m) {
    if (PART == 16) return 2;
    const int n_sums = std::min(4, MAX_VECTORS);
    return m >= n_sums ? 1 : n_sums / m;
}

// out[m] = the panel times x[m], for M vectors one after the other.
template <class F, int M>
inline void multiply_plain(const typename F::T* w, int columns, const float* x, Floats* out) {
    constexpr int CHAINS = chains(M);
    Floats sums[M][CHAINS] = {};
    int k = 0;
    for (; k + 4 <= columns; k += 4, w += 4 * LANES) {
        ask_ahead(w, 4 * LANES * sizeof *w);
        for (int u = 0; u < 4; u++) {
            const Floats weights = F::wide(w + u * LANES);
            for (int m = 0; m < M; m++) sums[m][u % CHAINS] += weights * x[(int64_t)m * columns + k + u];
        }
    }
    for (; k < columns; k++, w += LANES)
        for (int m = 0; m < M; m++) sums[m][0] += F::wide(w) * x[(int64_t)m * columns + k];
    for (int m = 0; m < M; m++) {
        out[m] = sums[m][0];
        for (int c = 1; c < CHAINS; c++) out[m] += sums[m][c];
    }
}

// Codes times inputs of a byte, four of each lane, added to `sums`; and what that comes to in whole numbers, `from` added.
#if defined(__AVX512VNNI__)
typedef __m512i Bytes;
inline Bytes bytes_of(const uint32_t* words) { return _mm512_loadu_si512(words); }
inline Bytes codes_of(const uint32_t* words, int half) {
    return _mm512_and_si512(half ? _mm512_srli_epi32(bytes_of(words), 4) : bytes_of(words), _mm512_set1_epi8(15));
}
inline Bytes add_products(Bytes sums, Bytes codes, int32_t four) { return _mm512_dpbusd_epi32(sums, codes, _mm512_set1_epi32(four)); }
inline Bytes plus(Bytes a, Bytes b) { return _mm512_add_epi32(a, b); }
inline Part whole(Bytes high, Bytes low, int32_t from) {
    return (Part)_mm512_cvtepi32_ps(_mm512_add_epi32(_mm512_slli_epi32(high, 7), _mm512_add_epi32(low, _mm512_set1_epi32(from))));
}
#elif defined(__AVX2__)
typedef __m256i Bytes;
inline Bytes bytes_of(const uint32_t* words) { return _mm256_loadu_si256((const __m256i*)words); }
inline Bytes codes_of(const uint32_t* words, int half) {
    return _mm256_and_si256(half ? _mm256_srli_epi32(bytes_of(words), 4) : bytes_of(words), _mm256_set1_epi8(15));
}
inline Part whole_32(__m256i high, __m256i low, int32_t from) {
    return (Part)_mm256_cvtepi32_ps(_mm256_add_epi32(_mm256_slli_epi32(high, 7), _mm256_add_epi32(low, _mm256_set1_epi32(from))));
}
#if defined(__AVXVNNI__)
inline Bytes add_products(Bytes sums, Bytes codes, int32_t four) { return _mm256_dpbusd_avx_epi32(sums, codes, _mm256_set1_epi32(four)); }
inline Bytes plus(Bytes a, Bytes b) { return _mm256_add_epi32(a, b); }
inline Part whole(Bytes high, Bytes low, int32_t from) { return whole_32(high, low, from); }
#else  // sums of 16 bits hold a group of int4: 8 times 2 products of at most 15 * 128
inline Bytes add_products(Bytes sums, Bytes codes, int32_t four) {
    return _mm256_add_epi16(sums, _mm256_maddubs_epi16(codes, _mm256_set1_epi32(four)));
}
inline Bytes plus(Bytes a, Bytes b) { return _mm256_add_epi16(a, b); }
inline Part whole(Bytes high, Bytes low, int32_t from) {
    const __m256i ones = _mm256_set1_epi16(1);
    return whole_32(_mm256_madd_epi16(high, ones), _mm256_madd_epi16(low, ones), from);
}
#endif
#elif defined(__ARM_FEATURE_DOTPROD)
typedef int32x4_t Bytes;
inline Bytes codes_of(const uint32_t* words, int half) {
    const uint8x16_t both = vreinterpretq_u8_u32(vld1q_u32(words));
    return vreinterpretq_s32_u8(half ? vshrq_n_u8(both, 4) : vandq_u8(both, vdupq_n_u8(15)));
}
inline Bytes add_products(Bytes sums, Bytes codes, int32_t four) {
    return vdotq_s32(sums, vreinterpretq_s8_s32(codes), vreinterpretq_s8_s32(vdupq_n_s32(four)));
}
inline Bytes plus(Bytes a, Bytes b) { return vaddq_s32(a, b); }
inline Part whole(Bytes high, Bytes low, int32_t from) {
    return (Part)vcvtq_f32_s32(vaddq_s32(vshlq_n_s32(high, 7), vaddq_s32(low, vdupq_n_s32(from))));
}
#endif

// The vectors that a matrix is multiplied with, and what int4 wants to know of each 32 values besides: their sum, and, for
// processors that multiply bytes, the values as 128 * high + low (15 bits) times a scale. That errs by 2e-5 of their
// length, a hundredth of what bf16 would.
class Inputs {
public:
    void prepare(const Matrix& w, const float* from, int n_rows) {
        x = from, columns = w.columns, groups = n_groups(columns);
        if (w.format == INT8 ? !LECTERN_WIDE_BYTES : w.format != INT4) return;
        const size_t n = (size_t)n_rows * groups;
        sums.resize(n);
        if (LECTERN_BYTES) scales.resize(n), high.resize(n * GROUP), low.resize(n * GROUP);
        for (int row = 0; row < n_rows; row++)
            for (int g = 0; g < groups; g++) prepare_group(x + (int64_t)row * columns + g * GROUP, columns - g * GROUP, (size_t)row * groups + g);
    }

    const float* x = nullptr;
    int columns = 0, groups = 0;
    std::vector<float> sums, scales;  // (n_rows, groups); with bytes the sums are in units of the scales
    std::vector<int8_t> high, low;    // (n_rows, groups, 32)

private:
    // Group `g`; of its values, `n` are there, the others are zeros.
    void prepare_group(const float* from, int n, size_t g) {
        float padded[GROUP];
        if (n < GROUP) {
            std::copy_n(from, n, padded);
            std::fill(padded + n, padded + GROUP, 0.f);
            from = padded;
        }
        const Floats first = load<Floats>(from), second = load<Floats>(from + LANES);
        if (!LECTERN_BYTES) {
            sums[g] = total(first + second);
            return;
        }
        const Floats sizes = larger(magnitude(first), magnitude(second));
#if defined(__AVX512F__)
        const float most = std::max(_mm512_reduce_max_ps((__m512)sizes.part[0]), 1e-30f);
        const __m512 factor = _mm512_set1_ps(127 * 128 / most);
        const __m512i halves[2] = {_mm512_cvtps_epi32(_mm512_mul_ps((__m512)first.part[0], factor)),
                                   _mm512_cvtps_epi32(_mm512_mul_ps((__m512)second.part[0], factor))};
        for (int i = 0; i < 2; i++) {
            const __m512i upper = _mm512_srai_epi32(_mm512_add_epi32(halves[i], _mm512_set1_epi32(64)), 7);
            _mm_storeu_si128((__m128i*)&high[g * GROUP + i * LANES], _mm512_cvtepi32_epi8(upper));
            _mm_storeu_si128((__m128i*)&low[g * GROUP + i * LANES],
                             _mm512_cvtepi32_epi8(_mm512_sub_epi32(halves[i], _mm512_slli_epi32(upper, 7))));
        }
        const int32_t sum = _mm512_reduce_add_epi32(_mm512_add_epi32(halves[0], halves[1]));
#else
        const float most = std::max(largest(sizes), 1e-30f), factor = 127 * 128 / most;
        int32_t sum = 0;
        for (int i = 0; i < GROUP; i++) {
            const float scaled = from[i] * factor;
            const int32_t value = (int32_t)(scaled + (scaled < 0 ? -0.5f : 0.5f)), upper = (value + 64) >> 7;
            high[g * GROUP + i] = (int8_t)upper, low[g * GROUP + i] = (int8_t)(value - upper * 128);
            sum += value;
        }
#endif
        sums[g] = sum, scales[g] = most / (127 * 128);
    }
};

#if LECTERN_BYTES
// Part `part` of one group's lanes, times M vectors, exactly: `codes(i)` has four columns' codes of each lane, i from 0 to
// 7, from which `zero` is to be taken away.
template <int M, class Codes>
inline void multiply_bytes(Codes codes, int zero, const Inputs& in, int row, int g, int part, Floats* sums) {
    constexpr int CHAINS = M >= 4 ? 1 : 2;
    const int64_t first = (int64_t)row * in.groups + g;
    Bytes highs[M][CHAINS] = {}, lows[M][CHAINS] = {};
#pragma GCC unroll 8
    for (int i = 0; i < GROUP / 4; i++) {
        const Bytes of_columns = codes(i);
        for (int m = 0; m < M; m++) {
            const int64_t at = (first + (int64_t)m * in.groups) * GROUP + 4 * i;
            Bytes &high = highs[m][i % CHAINS], &low = lows[m][i % CHAINS];
            high = add_products(high, of_columns, load<int32_t>(&in.high[at]));
            low = add_products(low, of_columns, load<int32_t>(&in.low[at]));
        }
    }
    for (int m = 0; m < M; m++) {
        for (int c = 1; c < CHAINS; c++)
            highs[m][0] = plus(highs[m][0], highs[m][c]), lows[m][0] = plus(lows[m][0], lows[m][c]);
        sums[m].part[part] = whole(highs[m][0], lows[m][0], -zero * (int32_t)in.sums[first + (int64_t)m * in.groups]);
    }
}
#endif

// The panel's part of one group of int4, times M vectors: of its codes less 8.
template <int M>
inline void multiply_group(const uint32_t* w, const Inputs& in, int row, int g, Floats* sums) {
#if defined(__ARM_FEATURE_MATMUL_INT8)  // two rows' eight codes times the high and the low bytes of eight inputs
    const int64_t first = (int64_t)row * in.groups + g;
#pragma GCC unroll 4
    for (int part = 0; part < N_PARTS; part++) {
        Bytes products[M][2] = {};  // of two rows each: high, low, high, low
        for (int v = 0; v < GROUP / 8; v++) {
            const uint32_t* words = w + (1 + v) * LANES + part * PART;
            const Bytes lower = codes_of(words, 0), upper = codes_of(words, 1);  // four codes of each of four rows
            const int8x16_t rows[2] = {vreinterpretq_s8_s32(vzip1q_s32(lower, upper)), vreinterpretq_s8_s32(vzip2q_s32(lower, upper))};
            for (int m = 0; m < M; m++) {
                const int64_t at = (first + (int64_t)m * in.groups) * GROUP + 8 * v;
                const int8x16_t inputs = vcombine_s8(vld1_s8(&in.high[at]), vld1_s8(&in.low[at]));
                for (int i = 0; i < 2; i++) products[m][i] = vmmlaq_s32(products[m][i], rows[i], inputs);
            }
        }
        for (int m = 0; m < M; m++) {
            const Bytes high = vuzp1q_s32(products[m][0], products[m][1]), low = vuzp2q_s32(products[m][0], products[m][1]);
            sums[m].part[part] = whole(high, low, -8 * (int32_t)in.sums[first + (int64_t)m * in.groups]);
        }
    }
#elif LECTERN_BYTES
#pragma GCC unroll 4
    for (int part = 0; part < N_PARTS; part++)
        multiply_bytes<M>([&](int i) { return codes_of(w + (1 + i / 2) * LANES + part * PART, i % 2); }, 8, in, row, g, part, sums);
#else
    constexpr int CHAINS = chains(M);
    const int64_t first = (int64_t)row * in.columns + g * GROUP;
    Floats parts[M][CHAINS] = {};
    for (int v = 0; v < GROUP / 8; v++)
        for (int i = 0; i < 8; i++) {
            const Floats codes = each_part([&](int part) {
                const PartWords words = load<PartWords>(w + (1 + v) * LANES + part * PART) >> (4 * i);
                return __builtin_convertvector((PartInts)(words & 15) - 8, Part);
            });
            const int k = 8 * v + i % 2 * 4 + i / 2;
            for (int m = 0; m < M; m++) parts[m][i % CHAINS] += codes * in.x[first + (int64_t)m * in.columns + k];
        }
    for (int m = 0; m < M; m++) {
        sums[m] = parts[m][0];
        for (int c = 1; c < CHAINS; c++) sums[m] += parts[m][c];
    }
#endif
}

template <int M>
inline void multiply_int4(const uint32_t* w, const Inputs& in, int row, Floats* out) {
    for (int m = 0; m < M; m++) out[m] = Floats{};
    for (int g = 0; g < in.groups; g++, w += GROUP_WORDS) {
        ask_ahead(w, GROUP_WORDS * 4);
        Floats sums[M];
        multiply_group<M>(w, in, row, g, sums);
        const Floats scales = each_part([&](int i) { return (Part)(load<PartWords>(w + i * PART) << 16); });
        const Floats zeros = each_part([&](int i) { return (Part)(load<PartWords>(w + i * PART) & 0xffff0000u); });
        for (int m = 0; m < M; m++) {
            const int64_t at = (int64_t)(row + m) * in.groups + g;
            const Floats part = sums[m] * scales + zeros * in.sums[at];
            out[m] += LECTERN_BYTES ? part * in.scales[at] : part;
        }
    }
}

template <int M>
inline void multiply_int8(const void* panel, const Inputs& in, int row, Floats* out) {
#if LECTERN_WIDE_BYTES
    const uint32_t* words = (const uint32_t*)panel;
    for (int m = 0; m < M; m++) out[m] = Floats{};
    for (int g = 0; g < in.groups; g++, words += GROUP / 4 * LANES) {
        ask_ahead(words, GROUP * LANES);
        Floats sums[M];
#pragma GCC unroll 4
        for (int part = 0; part < N_PARTS; part++)
            multiply_bytes<M>([&](int i) { return bytes_of(words + i * LANES + part * PART); }, 128, in, row, g, part, sums);
        for (int m = 0; m < M; m++) out[m] += sums[m] * in.scales[(int64_t)(row + m) * in.groups + g];
    }
#else
    multiply_plain<Int8, M>((const int8_t*)panel, in.columns, in.x + (int64_t)row * in.columns, out);
#endif
}

template <int M>
void multiply_panel(const Matrix& w, int panel, const Inputs& in, int row, float* out) {
    const char* data = (const char*)w.panels + panel * panel_bytes(w.columns, w.format);
    const float* x = in.x + (int64_t)row * w.columns;
    Floats sums[M];
    switch (w.format) {
        case FP32: multiply_plain<Fp32, M>((const float*)data, w.columns, x, sums); break;
        case BF16: multiply_plain<Bf16, M>((const uint16_t*)data, w.columns, x, sums); break;
        case FP16: multiply_plain<Fp16, M>((const uint16_t*)data, w.columns, x, sums); break;
        case INT8: {
            multiply_int8<M>(data, in, row, sums);
            const Floats scales = Bf16::wide((const uint16_t*)w.scales + panel * LANES);
            for (int m = 0; m < M; m++) sums[m] = sums[m] * scales;
            break;
        }
        default: multiply_int4<M>((const uint32_t*)data, in, row, sums);
    }
    const int first = panel * LANES, n = std::min(LANES, w.rows - first);
    for (int m = 0; m < M; m++) {
        float* to = out + (int64_t)(row + m) * w.rows;
        std::memcpy(to + first, &sums[m], n * sizeof(float));
        if (w.bias)
            for (int i = first; i < first + n; i++) to[i] += w.bias[i];
    }
}

template <int M>
void multiply_panels(const Matrix& w, int panel, const Inputs& in, int row, int n_rows, float* out) {
    for (; row + M <= n_rows; row += M) multiply_panel<M>(w, panel, in, row, out);
    if constexpr (M > 1)
        if (row < n_rows) multiply_panels<M / 2>(w, panel, in, row, n_rows, out);
}

// Panels begin..end of `w` times the first `n_rows` inputs -> those rows of out (n_rows, w.rows). A panel is in the cache
// by the time that the next few vectors need it.
void multiply(const Matrix& w, int begin, int end, const Inputs& in, int n_rows, float* out) {
    for (int panel = begin; panel < end; panel++) multiply_panels<MAX_VECTORS>(w, panel, in, 0, n_rows, out);
}

// Rows of (rows, columns) -> one panel of `panels`; zeros where there is none.
template <class T>
void pack_plain(const T* from, int rows, int columns, int panel, T* to) {
    const int first = panel * LANES, n = std::min(LANES, rows - first);
    to += (int64_t)first * columns;
    for (int k = 0; k < columns; k++, to += LANES) {
        for (int i = 0; i < n; i++) to[i] = from[(int64_t)(first + i) * columns + k];
        for (int i = n; i < LANES; i++) to[i] = 0;
    }
}

void pack_int8(const int8_t* from, int rows, int columns, int panel, uint8_t* to) {
    if (!LECTERN_WIDE_BYTES) return pack_plain(from, rows, columns, panel, (int8_t*)to);
    to += panel * panel_bytes(columns, INT8);
    for (int k = 0; k < n_groups(columns) * GROUP; k += 4)
        for (int i = 0; i < LANES; i++) {
            const int row = panel * LANES + i;
            for (int j = k; j < k + 4; j++) *to++ = 128 + (row < rows && j < columns ? from[(int64_t)row * columns + j] : 0);
        }
}

// Codes as (rows, columns / 2), where of each 32 byte j holds the j-th (low) and the 16 + j-th (high); `scales`
// bf16 (rows, columns / 32, 2), scale and zero.
void pack_int4(const uint8_t* from, const uint16_t* scales, int rows, int columns, int panel, uint32_t* to) {
    const int groups = columns / GROUP;
    to += (int64_t)panel * groups * GROUP_WORDS;
    for (int g = 0; g < groups; g++, to += GROUP_WORDS)
        for (int i = 0; i < LANES; i++) {
            const int row = panel * LANES + i;
            const int64_t at = (int64_t)row * groups + g;
            to[i] = row < rows ? scales[2 * at] | (uint32_t)scales[2 * at + 1] << 16 : 0;
            for (int v = 0; v < GROUP / 8; v++) {
                uint32_t word = 0;
                for (int j = 0; j < 8 && row < rows; j++) {
                    const int k = 8 * v + j % 2 * 4 + j / 2;
                    const uint8_t pair = from[at * (GROUP / 2) + k % (GROUP / 2)];
                    word |= (uint32_t)(k < GROUP / 2 ? pair & 15 : pair >> 4) << (4 * j);
                }
                to[(1 + v) * LANES + i] = word;
            }
        }
}

}  // namespace
