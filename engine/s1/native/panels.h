// A matrix times a few vectors, as fast as memory delivers the matrix.
//
// Sixteen rows make a panel, which lies in memory as it is read, from front to back: the sixteen weights of one column side
// by side, each row a lane of its own. So nothing is added across lanes, and one stream is all that memory has to foresee.

#pragma once

#include "vectors.h"

#include <algorithm>
#include <vector>

// How the processor multiplies whole numbers: four bytes at a time, or pairs of 16 bits, or not at all by itself. So it
// does with the codes of int4 and, except on ARM, whose bytes are signed, with those of int8.
#if defined(__AVX512VNNI__) || defined(__AVXVNNI__) || defined(__ARM_FEATURE_DOTPROD)
#define LECTERN_BYTES 1
#else
#define LECTERN_BYTES 0
#endif
#if defined(__AVX2__) && !defined(__AVX512F__) && !LECTERN_BYTES
#define LECTERN_PAIRS 1
#else
#define LECTERN_PAIRS 0
#endif
#define LECTERN_WHOLE (LECTERN_BYTES || LECTERN_PAIRS)
#if LECTERN_WHOLE && !defined(__aarch64__)
#define LECTERN_WHOLE_INT8 1
#else
#define LECTERN_WHOLE_INT8 0
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
                        // but for processors that multiply bytes: for each 4 columns 16 times 4 values + 128; and for
                        // those that multiply pairs: for each 2 columns 16 times 2 values. Both fill columns up to 32s.
                        // int4: for each 32 columns 16 words of scale (low) and zero (high) in bf16, and four times
                        // 16 words, a row's next eight codes each, the first four in the low halves of the bytes, or
                        // for pairs eight codes as `pack_int4` says: w = (code - 8) * scale + zero
    const void* scales; // int8: bf16 (rows), a panel's filled up; else null
    const float* bias;  // (rows), or null
    int32_t rows, columns, format;
};

}  // extern "C"

namespace {

inline int n_panels(const Matrix& w) { return (w.rows + LANES - 1) / LANES; }

inline int n_groups(int columns) { return (columns + GROUP - 1) / GROUP; }

inline int64_t panel_bytes(int columns, int format) {
    if (format == INT8 && LECTERN_WHOLE_INT8) return (int64_t)n_groups(columns) * GROUP * LANES;
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
constexpr int MAX_VECTORS = LECTERN_PAIRS ? 6 : 8 / N_PARTS;
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

// Bytes: codes times inputs of a byte, four of each lane, added to `sums`; and what that comes to in whole numbers, `from` added.
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
#elif defined(__AVXVNNI__)
typedef __m256i Bytes;
inline Bytes bytes_of(const uint32_t* words) { return _mm256_loadu_si256((const __m256i*)words); }
inline Bytes codes_of(const uint32_t* words, int half) {
    return _mm256_and_si256(half ? _mm256_srli_epi32(bytes_of(words), 4) : bytes_of(words), _mm256_set1_epi8(15));
}
inline Bytes add_products(Bytes sums, Bytes codes, int32_t four) { return _mm256_dpbusd_avx_epi32(sums, codes, _mm256_set1_epi32(four)); }
inline Bytes plus(Bytes a, Bytes b) { return _mm256_add_epi32(a, b); }
inline Part whole(Bytes high, Bytes low, int32_t from) {
    return (Part)_mm256_cvtepi32_ps(_mm256_add_epi32(_mm256_slli_epi32(high, 7), _mm256_add_epi32(low, _mm256_set1_epi32(from))));
}
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
// processors that multiply whole numbers, the values as 15 bits times a scale: bytes as 128 * high + low. That errs by 2e-5
// of their length, a hundredth of what bf16 would.
class Inputs {
public:
    void prepare(const Matrix& w, const float* from, int n_rows) {
        x = from, columns = w.columns, groups = n_groups(columns), rows = n_rows;
        if (w.format == INT8 ? !LECTERN_WHOLE_INT8 : w.format != INT4) return;
        const size_t n = (size_t)n_rows * groups;
        sums.resize(n);
        if (LECTERN_WHOLE) scales.resize(n);
        if (LECTERN_BYTES) high.resize(n * GROUP), low.resize(n * GROUP);
        if (LECTERN_PAIRS) pairs.resize(n * GROUP), starts.resize(n);
        for (int row = 0; row < n_rows; row++)
            for (int g = 0; g < groups; g++) prepare_group(x + (int64_t)row * columns + g * GROUP, columns - g * GROUP, at(row, g));
    }

    // Where a group is; with pairs those of all rows are side by side.
    int64_t at(int row, int g) const { return LECTERN_PAIRS ? (int64_t)g * rows + row : (int64_t)row * groups + g; }

    const float* x = nullptr;
    int columns = 0, groups = 0, rows = 0;
    std::vector<float> sums, scales;  // (n_rows, groups); of whole numbers the sums are in units of the scales
    std::vector<int8_t> high, low;    // (n_rows, groups, 32)
    std::vector<int16_t> pairs;       // (groups, n_rows, 32)
    std::vector<int32_t> starts;      // (groups, n_rows): 256 times what the 8 in each code of int4 comes to

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
        if (!LECTERN_WHOLE) {
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
#elif LECTERN_PAIRS
        const __m256 larger_8 = _mm256_max_ps((__m256)sizes.part[0], (__m256)sizes.part[1]);
        const __m128 larger_4 = _mm_max_ps(_mm256_castps256_ps128(larger_8), _mm256_extractf128_ps(larger_8, 1));
        const __m128 larger_2 = _mm_max_ps(larger_4, _mm_movehl_ps(larger_4, larger_4));
        const float most = std::max(_mm_cvtss_f32(_mm_max_ss(larger_2, _mm_movehdup_ps(larger_2))), 1e-30f);
        const __m256 factor = _mm256_set1_ps(127 * 128 / most);
        __m256i values[2 * N_PARTS];
        for (int i = 0; i < 2 * N_PARTS; i++) values[i] = _mm256_cvtps_epi32(_mm256_mul_ps((__m256)load<Part>(from + i * PART), factor));
        for (int i = 0; i < 2; i++) {
            const __m256i mixed = _mm256_packs_epi32(values[2 * i], values[2 * i + 1]);
            _mm256_storeu_si256((__m256i*)&pairs[g * GROUP + i * LANES], _mm256_permute4x64_epi64(mixed, 0xd8));
        }
        const __m256i sum_8 = _mm256_add_epi32(_mm256_add_epi32(values[0], values[1]), _mm256_add_epi32(values[2], values[3]));
        const __m128i sum_4 = _mm_add_epi32(_mm256_castsi256_si128(sum_8), _mm256_extracti128_si256(sum_8, 1));
        const __m128i sum_2 = _mm_add_epi32(sum_4, _mm_unpackhi_epi64(sum_4, sum_4));
        const int32_t sum = _mm_cvtsi128_si32(sum_2) + _mm_extract_epi32(sum_2, 1);
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
        if (LECTERN_PAIRS) starts[g] = -8 * 256 * sum;
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

#if LECTERN_PAIRS
// At once: GCC would put additions off, and then add up as a tree, for which there are not enough registers.
inline void add_products(__m256i& sums, __m256i codes, __m256i pair) {
    sums = _mm256_add_epi32(sums, _mm256_madd_epi16(codes, pair));
    __asm__("" : "+x"(sums));
}

// One group, times M vectors, exactly, and added to `starts` (M), if any: `codes(i, part)` has two columns' codes of each
// lane, i from 0 to 15. Those of int4 are 256 times as large in the first quarter, 16 times in the second.
template <int M, bool IS_INT4, class Codes>
inline void multiply_pairs(Codes codes, const Inputs& in, int row, int g, Floats* sums) {
    const int64_t first = in.at(row, g);
    const int16_t* pairs = &in.pairs[first * GROUP];
    __m256i totals[M][2];
    for (int m = 0; m < M; m++) totals[m][0] = totals[m][1] = IS_INT4 ? _mm256_set1_epi32(in.starts[first + m]) : _mm256_setzero_si256();
#pragma GCC unroll 16
    for (int i = 0; i < GROUP / 2; i++) {
        if (IS_INT4 && (i == GROUP / 8 || i == GROUP / 4))  // exact: what is shifted out is zeros
            for (int m = 0; m < M; m++)
                for (int part = 0; part < 2; part++) totals[m][part] = _mm256_srai_epi32(totals[m][part], 4);
        const __m256i lower = codes(i, 0), upper = codes(i, 1);
        for (int m = 0; m < M; m++) {
            const __m256i pair = _mm256_set1_epi32(load<int32_t>(pairs + m * GROUP + 2 * i));
            add_products(totals[m][0], lower, pair);
            add_products(totals[m][1], upper, pair);
        }
    }
    for (int m = 0; m < M; m++) sums[m] = each_part([&](int part) { return (Part)_mm256_cvtepi32_ps(totals[m][part]); });
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
#elif LECTERN_PAIRS
    const auto codes = [&](int i, int part) {
        if (i % 4 + part == 0) __asm__("" : "+r"(w));  // they are read again: there are no registers to keep them in
        const __m256i words = _mm256_loadu_si256((const __m256i*)(w + (1 + i % 4) * LANES + part * PART));
        return i >= 12 ? _mm256_srli_epi16(words, 12) : _mm256_and_si256(words, _mm256_set1_epi16(0xf00 >> i / 4 * 4));
    };
    multiply_pairs<M, true>(codes, in, row, g, sums);
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
            const int64_t at = in.at(row + m, g);
            const Floats part = sums[m] * scales + zeros * in.sums[at];
            out[m] += LECTERN_WHOLE ? part * in.scales[at] : part;
        }
    }
}

template <int M>
inline void multiply_int8(const void* panel, const Inputs& in, int row, Floats* out) {
#if LECTERN_WHOLE_INT8
    const uint32_t* words = (const uint32_t*)panel;
    for (int m = 0; m < M; m++) out[m] = Floats{};
    for (int g = 0; g < in.groups; g++, words += GROUP / 4 * LANES) {
        ask_ahead(words, GROUP * LANES);
        Floats sums[M];
#if LECTERN_PAIRS
        const auto codes = [&](int i, int part) {
            return _mm256_cvtepi8_epi16(_mm_loadu_si128((const __m128i*)words + 2 * i + part));
        };
        multiply_pairs<M, false>(codes, in, row, g, sums);
#else
#pragma GCC unroll 4
        for (int part = 0; part < N_PARTS; part++)
            multiply_bytes<M>([&](int i) { return bytes_of(words + i * LANES + part * PART); }, 128, in, row, g, part, sums);
#endif
        for (int m = 0; m < M; m++) out[m] += sums[m] * in.scales[in.at(row + m, g)];
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
        if (row < n_rows) multiply_panels<(M == 6 ? 4 : M / 2)>(w, panel, in, row, n_rows, out);
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
    if (!LECTERN_WHOLE_INT8) return pack_plain(from, rows, columns, panel, (int8_t*)to);
    to += panel * panel_bytes(columns, INT8);
    for (int k = 0; k < n_groups(columns) * GROUP; k += 4, to += LECTERN_PAIRS ? 4 * LANES : 0)
        for (int i = 0; i < LANES; i++) {
            const int row = panel * LANES + i;
            for (int j = k; j < k + 4; j++) {
                const int code = row < rows && j < columns ? from[(int64_t)row * columns + j] : 0;
                if (LECTERN_PAIRS) to[(j - k) / 2 * 2 * LANES + 2 * i + j % 2] = code;
                else *to++ = 128 + code;
            }
        }
}

// Codes as (rows, columns / 2), where of each 32 byte j holds the j-th (low) and the 16 + j-th (high); `scales`
// bf16 (rows, columns / 32, 2), scale and zero. For processors that multiply pairs a half of a word has a column of each
// quarter of the 32, the first quarter's 256 times as large, the second's 16 times: so `and` alone finds what to multiply.
void pack_int4(const uint8_t* from, const uint16_t* scales, int rows, int columns, int panel, uint32_t* to) {
    constexpr int QUARTERS[] = {16, 8, 0, 24};  // where begins the one whose columns are at bits 0, 4, 8, 12
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
                    const int k = LECTERN_PAIRS ? QUARTERS[j % 4] + 2 * v + j / 4 : 8 * v + j % 2 * 4 + j / 2;
                    const uint8_t pair = from[at * (GROUP / 2) + k % (GROUP / 2)];
                    word |= (uint32_t)(k < GROUP / 2 ? pair & 15 : pair >> 4) << (4 * j);
                }
                to[(1 + v) * LANES + i] = word;
            }
        }
}

}  // namespace
