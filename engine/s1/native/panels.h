// A matrix times a few vectors, as fast as memory delivers the matrix.
//
// Sixteen rows make a panel, which lies in memory as it is read, from front to back: the sixteen weights of one column side
// by side, each row a lane of its own. So nothing is added across lanes, and one stream is all that memory has to foresee.

#pragma once

#include "vectors.h"

#include <algorithm>

namespace {

enum Format : int32_t { FP32, BF16, FP16, INT8, INT4 };

constexpr int GROUP = 32;         // int4: weights of a row that share a scale and a zero
constexpr int GROUP_WORDS = 5 * LANES;  // of a panel's group: scales and zeros, then 32 columns of nibbles
constexpr int AHEAD = 4096;       // bytes: memory answers late, and what it foresees by itself is less

}  // namespace

extern "C" {

struct Matrix {         // (rows, columns)
    const void* panels; // ceil(rows / 16) panels, the last filled up with zeros. Plain and int8: for each column 16 values.
                        // int4: for each 32 columns 16 words of scale (low) and zero (high) in bf16, and four times
                        // 16 words, a row's next eight codes each, the first in the lowest bits: w = (code - 8) * scale + zero
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
    for (int i = 0; i < n_bytes; i += 64) __builtin_prefetch((const char*)from + AHEAD + i);
}

// out[m] = the panel times M vectors at a distance of `stride`.
template <class F, int M>
inline void multiply_plain(const typename F::T* w, int columns, const float* x, int64_t stride, Floats* out) {
    constexpr int CHAINS = M >= 4 ? 1 : 4 / M;  // sums that need not wait for one another
    Floats sums[M][CHAINS] = {};
    int k = 0;
    for (; k + 4 <= columns; k += 4, w += 4 * LANES) {
        ask_ahead(w, 4 * LANES * sizeof *w);
        for (int u = 0; u < 4; u++) {
            const Floats weights = F::wide(w + u * LANES);
            for (int m = 0; m < M; m++) sums[m][u % CHAINS] += weights * x[m * stride + k + u];
        }
    }
    for (; k < columns; k++, w += LANES)
        for (int m = 0; m < M; m++) sums[m][0] += F::wide(w) * x[m * stride + k];
    for (int m = 0; m < M; m++) {
        out[m] = sums[m][0];
        for (int c = 1; c < CHAINS; c++) out[m] += sums[m][c];
    }
}

// `group_sums` (M, columns / 32): of the vectors, for the zeros.
template <int M>
inline void multiply_int4(const uint32_t* w, int columns, const float* x, int64_t stride, const float* group_sums, Floats* out) {
    constexpr int CHAINS = M >= 4 ? 1 : 4 / M;
    const int n_groups = columns / GROUP;
    for (int m = 0; m < M; m++) out[m] = Floats{};
    for (int g = 0; g < n_groups; g++, w += GROUP_WORDS, x += GROUP) {
        ask_ahead(w, GROUP_WORDS * 4);
        Floats sums[M][CHAINS] = {};
        for (int v = 0; v < GROUP / 8; v++) {
            const Words words = load<Words>(w + (1 + v) * LANES);
            for (int i = 0; i < 8; i++) {
                const Floats weights = nibbles(words >> (4 * i));
                for (int m = 0; m < M; m++) sums[m][i % CHAINS] += weights * x[m * stride + 8 * v + i];
            }
        }
        const Words pairs = load<Words>(w);
        const Floats scales = (Floats)(pairs << 16), zeros = (Floats)(pairs & 0xffff0000u);
        for (int m = 0; m < M; m++) {
            for (int c = 1; c < CHAINS; c++) sums[m][0] += sums[m][c];
            out[m] += sums[m][0] * scales + zeros * group_sums[(int64_t)m * n_groups + g];
        }
    }
}

template <int M>
void multiply_panel(const Matrix& w, int panel, const float* x, const float* group_sums, float* out) {
    const char* data = (const char*)w.panels + panel * panel_bytes(w.columns, w.format);
    Floats sums[M];
    switch (w.format) {
        case FP32: multiply_plain<Fp32, M>((const float*)data, w.columns, x, w.columns, sums); break;
        case BF16: multiply_plain<Bf16, M>((const uint16_t*)data, w.columns, x, w.columns, sums); break;
        case FP16: multiply_plain<Fp16, M>((const uint16_t*)data, w.columns, x, w.columns, sums); break;
        case INT8: {
            multiply_plain<Int8, M>((const int8_t*)data, w.columns, x, w.columns, sums);
            const Floats scales = Bf16::wide((const uint16_t*)w.scales + panel * LANES);
            for (int m = 0; m < M; m++) sums[m] *= scales;
            break;
        }
        default: multiply_int4<M>((const uint32_t*)data, w.columns, x, w.columns, group_sums, sums);
    }
    const int first = panel * LANES, n = std::min(LANES, w.rows - first);
    for (int m = 0; m < M; m++) {
        std::memcpy(out + (int64_t)m * w.rows + first, &sums[m], n * sizeof(float));
        if (w.bias)
            for (int i = first; i < first + n; i++) out[(int64_t)m * w.rows + i] += w.bias[i];
    }
}

// Panels begin..end of `w` times x (n_rows, w.columns) -> those rows of out (n_rows, w.rows). A panel is in the cache
// by the time that the next few vectors need it.
void multiply(const Matrix& w, int begin, int end, const float* x, const float* group_sums, int n_rows, float* out) {
    const int n_groups = w.columns / GROUP;
    for (int panel = begin; panel < end; panel++)
        for (int row = 0, m; row < n_rows; row += m) {
            const int left = n_rows - row;
            m = left >= 8 ? 8 : left >= 4 ? 4 : left >= 2 ? 2 : 1;
            const float* of_x = x + (int64_t)row * w.columns;
            const float* of_sums = group_sums + (int64_t)row * n_groups;
            float* to = out + (int64_t)row * w.rows;
            switch (m) {
                case 8: multiply_panel<8>(w, panel, of_x, of_sums, to); break;
                case 4: multiply_panel<4>(w, panel, of_x, of_sums, to); break;
                case 2: multiply_panel<2>(w, panel, of_x, of_sums, to); break;
                default: multiply_panel<1>(w, panel, of_x, of_sums, to);
            }
        }
}

// What `multiply` wants to know of x besides: (n_rows, columns / 32).
void sum_groups(const Matrix& w, const float* x, int n_rows, float* sums) {
    if (w.format != INT4) return;
    for (int g = 0; g < n_rows * (w.columns / GROUP); g++)
        sums[g] = total(load<Floats>(x + g * GROUP) + load<Floats>(x + g * GROUP + LANES));
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
                    const int k = 8 * v + j;
                    const uint8_t pair = from[at * (GROUP / 2) + k % (GROUP / 2)];
                    word |= (uint32_t)(k < GROUP / 2 ? pair & 15 : pair >> 4) << (4 * j);
                }
                to[(1 + v) * LANES + i] = word;
            }
        }
}

}  // namespace
