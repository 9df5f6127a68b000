// A matrix times a few vectors, as fast as memory delivers the matrix.
//
// Sixteen rows make a panel, which lies in memory as it is read, from front to back: the sixteen weights of one column side
// by side, each row a lane of its own. So nothing is added across lanes, and one stream is all that memory has to foresee.

#pragma once

#include "vectors.h"

#include <algorithm>
#include <vector>

namespace {

enum Format : int32_t { FP32, BF16, FP16, INT8, INT4 };

constexpr int GROUP = 32;         // int4: weights of a row that share a scale and a zero
constexpr int GROUP_WORDS = 5 * LANES;  // of a panel's group: scales and zeros, then 32 columns of nibbles
constexpr int AHEAD = 16 * 1024;  // bytes: memory answers late, and foresees too little by itself

}  // namespace

extern "C" {

struct Matrix {         // (rows, columns)
    const void* panels; // ceil(rows / 16) panels, the last filled up with zeros. Plain and int8: for each column 16 values.
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

inline int64_t panel_bytes(int columns, int format) {
    if (format == INT4) return (int64_t)columns / GROUP * GROUP_WORDS * 4;
    return (int64_t)columns * LANES * (format == FP32 ? 4 : format == INT8 ? 1 : 2);
}

inline void ask_ahead(const void* from, int n_bytes) {
    for (int i = 0; i < n_bytes; i += 64) __builtin_prefetch((const char*)from + AHEAD + i, 0, 2);
}

// out[m] = the panel times x[m], for M vectors one after the other.
template <class F, int M>
inline void multiply_plain(const typename F::T* w, int columns, const float* x, Floats* out) {
    constexpr int CHAINS = M >= 4 ? 1 : 4 / M;  // sums that need not wait for one another
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

// The vectors that a matrix is multiplied with, and what int4 wants to know of each 32 values besides: their sum, and, for
// processors that multiply bytes, the values as 128 * high + low (15 bits) times a scale. That errs by 2e-5 of their
// length, a hundredth of what bf16 would.
class Inputs {
public:
    void prepare(const Matrix& w, const float* from, int n_rows) {
        x = from, columns = w.columns;
        if (w.format != INT4) return;
        const size_t n_groups = (size_t)n_rows * columns / GROUP;
        sums.resize(n_groups);
        if (BYTES) scales.resize(n_groups), high.resize(n_groups * GROUP), low.resize(n_groups * GROUP);
        for (size_t g = 0; g < n_groups; g++) prepare_group(g);
    }

#if defined(__AVX512VNNI__)
    static constexpr bool BYTES = true;
#else
    static constexpr bool BYTES = false;
#endif
    const float* x = nullptr;
    int columns = 0;
    std::vector<float> sums, scales;  // (n_rows, columns / 32)
    std::vector<int8_t> high, low;    // (n_rows, columns)

private:
    void prepare_group(size_t g) {
        const Floats first = load<Floats>(x + g * GROUP), second = load<Floats>(x + g * GROUP + LANES);
        sums[g] = total(first + second);
#if defined(__AVX512VNNI__)
        const __m512 largest = _mm512_max_ps(_mm512_abs_ps((__m512)first), _mm512_abs_ps((__m512)second));
        scales[g] = std::max(_mm512_reduce_max_ps(largest), 1e-30f) / (127 * 128);
        int sum = 0;
        for (int i = 0; i < 2; i++) {
            const __m512i whole = _mm512_cvtps_epi32((__m512)((i ? second : first) / scales[g]));
            const __m512i upper = _mm512_srai_epi32(_mm512_add_epi32(whole, _mm512_set1_epi32(64)), 7);
            const __m512i rest = _mm512_sub_epi32(whole, _mm512_slli_epi32(upper, 7));
            _mm_storeu_si128((__m128i*)&high[g * GROUP + i * LANES], _mm512_cvtepi32_epi8(upper));
            _mm_storeu_si128((__m128i*)&low[g * GROUP + i * LANES], _mm512_cvtepi32_epi8(rest));
            sum += _mm512_reduce_add_epi32(whole);
        }
        sums[g] = sum;  // in units of the scale
#endif
    }
};

// The panel's part of one group, times M vectors: of the codes less `8 - CODE_OFFSET`.
#if defined(__AVX512VNNI__)

constexpr float CODE_OFFSET = 8;

template <int M>
inline void multiply_group(const uint32_t* w, const Inputs& in, int row, int g, Floats* sums) {
    constexpr int CHAINS = M >= 4 ? 1 : 2;
    const __m512i halves = _mm512_set1_epi8(15);
    __m512i highs[M][CHAINS] = {}, lows[M][CHAINS] = {};
    for (int v = 0; v < GROUP / 8; v++) {
        const __m512i words = _mm512_loadu_si512(w + (1 + v) * LANES);
        for (int i = 0; i < 2; i++) {
            const __m512i codes = _mm512_and_si512(i ? _mm512_srli_epi32(words, 4) : words, halves);
            for (int m = 0; m < M; m++) {
                const int64_t at = (int64_t)(row + m) * in.columns + g * GROUP + 8 * v + 4 * i;
                __m512i &high = highs[m][i % CHAINS], &low = lows[m][i % CHAINS];
                high = _mm512_dpbusd_epi32(high, codes, _mm512_set1_epi32(load<int32_t>(&in.high[at])));
                low = _mm512_dpbusd_epi32(low, codes, _mm512_set1_epi32(load<int32_t>(&in.low[at])));
            }
        }
    }
    for (int m = 0; m < M; m++) {
        for (int c = 1; c < CHAINS; c++) {
            highs[m][0] = _mm512_add_epi32(highs[m][0], highs[m][c]);
            lows[m][0] = _mm512_add_epi32(lows[m][0], lows[m][c]);
        }
        sums[m] = (Floats)_mm512_cvtepi32_ps(_mm512_add_epi32(_mm512_slli_epi32(highs[m][0], 7), lows[m][0]));
    }
}

#else

constexpr float CODE_OFFSET = 0;

template <int M>
inline void multiply_group(const uint32_t* w, const Inputs& in, int row, int g, Floats* sums) {
    constexpr int CHAINS = M >= 4 ? 1 : 4 / M;
    Floats chains[M][CHAINS] = {};
    for (int v = 0; v < GROUP / 8; v++) {
        const Words words = load<Words>(w + (1 + v) * LANES);
        for (int i = 0; i < 8; i++) {
            const Floats codes = nibbles(words >> (4 * i));
            const int k = g * GROUP + 8 * v + i % 2 * 4 + i / 2;
            for (int m = 0; m < M; m++) chains[m][i % CHAINS] += codes * in.x[(int64_t)(row + m) * in.columns + k];
        }
    }
    for (int m = 0; m < M; m++) {
        sums[m] = chains[m][0];
        for (int c = 1; c < CHAINS; c++) sums[m] += chains[m][c];
    }
}

#endif

template <int M>
inline void multiply_int4(const uint32_t* w, const Inputs& in, int row, Floats* out) {
    const int n_groups = in.columns / GROUP;
    for (int m = 0; m < M; m++) out[m] = Floats{};
    for (int g = 0; g < n_groups; g++, w += GROUP_WORDS) {
        ask_ahead(w, GROUP_WORDS * 4);
        Floats sums[M];
        multiply_group<M>(w, in, row, g, sums);
        const Words pairs = load<Words>(w);
        const Floats scales = (Floats)(pairs << 16), zeros = (Floats)(pairs & 0xffff0000u);
        for (int m = 0; m < M; m++) {
            const int64_t at = (int64_t)(row + m) * n_groups + g;
            const Floats part = (sums[m] - CODE_OFFSET * in.sums[at]) * scales + zeros * in.sums[at];
            out[m] += Inputs::BYTES ? part * in.scales[at] : part;
        }
    }
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
            multiply_plain<Int8, M>((const int8_t*)data, w.columns, x, sums);
            const Floats scales = Bf16::wide((const uint16_t*)w.scales + panel * LANES);
            for (int m = 0; m < M; m++) sums[m] *= scales;
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

// Panels begin..end of `w` times the first `n_rows` inputs -> those rows of out (n_rows, w.rows). A panel is in the cache
// by the time that the next few vectors need it.
void multiply(const Matrix& w, int begin, int end, const Inputs& in, int n_rows, float* out) {
    for (int panel = begin; panel < end; panel++)
        for (int row = 0, m; row < n_rows; row += m) {
            const int left = n_rows - row;
            m = left >= 8 ? 8 : left >= 4 ? 4 : left >= 2 ? 2 : 1;
            switch (m) {
                case 8: multiply_panel<8>(w, panel, in, row, out); break;
                case 4: multiply_panel<4>(w, panel, in, row, out); break;
                case 2: multiply_panel<2>(w, panel, in, row, out); break;
                default: multiply_panel<1>(w, panel, in, row, out);
            }
        }
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

// Codes as (rows, columns / 2), where of each 32 byte j holds the j-th (low) and the 16 + j-th (high); `scales`
// bf16 (rows, columns / 32, 2), scale and zero.
void pack_int4(const uint8_t* from, const uint16_t* scales, int rows, int columns, int panel, uint32_t* to) {
    const int n_groups = columns / GROUP;
    to += (int64_t)panel * n_groups * GROUP_WORDS;
    for (int g = 0; g < n_groups; g++, to += GROUP_WORDS)
        for (int i = 0; i < LANES; i++) {
            const int row = panel * LANES + i;
            const int64_t at = (int64_t)row * n_groups + g;
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
