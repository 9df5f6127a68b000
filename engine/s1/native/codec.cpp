// The codec's decoder on a CPU: convolutions over rows (a row is a moment, channels side by side), in fp32.
//
// Two neighbouring outputs of two taps cost three products instead of four (Karatsuba's way, turned round):
//     a x0 + b x1 = a (x0 - x1) + (a + b) x1          a x1 + b x2 = (a + b) x1 + b (x2 - x1)
// So it is done when a row becomes several. Three cost four instead of six, made at 0, 1, -1 and infinity:
//     s = (a + b) / 2 (x1 + x2)       t = (a - b) / 2 (x2 - x1)
//     a x0 + b x1 = a (x0 - x2) + s + t         a x1 + b x2 = s - t         a x2 + b x3 = s + t + b (x3 - x1)
// In a residual unit's long convolution x is a block of four moments and a tap is a half of eight (seven, and a zero
// before them), each a product of polynomials, made at seven points (Toom and Cook's way, turned round as Winograd did
// for filters). At the first one a is nothing: 27 products for twelve outputs, where 84 would be the plain way.
// A unit runs over a piece of time at once, all of its steps, so that what is in between stays in the cache.
//
// Plain C interface, no dependency but pool.h. codec.py beside this file has the same structures and packs the weights.

#include "pool.h"

#include <algorithm>
#include <cmath>
#include <cstring>
#include <memory>
#if defined(__aarch64__)
#include <arm_neon.h>
#endif

namespace {

#if defined(__AVX512F__)
constexpr int LANES = 16, WIDE = 3, ROWS = 8;
#elif defined(__AVX__)
constexpr int LANES = 8, WIDE = 2, ROWS = 6;
#elif defined(__aarch64__)
constexpr int LANES = 4, WIDE = 4, ROWS = 6;
#else
constexpr int LANES = 4, WIDE = 2, ROWS = 6;
#endif
constexpr int PANEL = LANES * WIDE;  // output channels that are made together
constexpr int POINTS = 7, BLOCK = 4;
constexpr int PRODUCTS = 3;  // of two taps, two outputs
constexpr int MATRICES = 4;  // of a unit at each point but the first: a, b, and half of their sum and difference
constexpr int ENOUGH = 32;  // rows: with fewer, reading a third matrix takes longer than multiplying with two
constexpr int AHEAD = 16 * 1024;  // bytes: memory answers late, and foresees too little by itself

typedef float Floats __attribute__((vector_size(LANES * 4)));

inline Floats load(const float* from) {
    Floats v;
    std::memcpy(&v, from, sizeof v);
    return v;
}

inline void store(float* to, Floats v) { std::memcpy(to, &v, sizeof v); }

// At 0, 1, -1, 1/2, -1/2, 2 and infinity: seven inputs to seven values, and seven values to four outputs.
constexpr float VALUES[POINTS][POINTS] = {
    {1.f / 4, -1.f / 8, -5.f / 4, 5.f / 8, 1, -1.f / 2, 0},
    {0, -1.f / 6, -1.f / 12, 3.f / 4, 1.f / 3, -1.f / 3, 0},
    {0, 2.f / 9, -1.f / 3, -7.f / 9, 4.f / 3, -4.f / 9, 0},
    {0, 4.f / 9, 2.f / 3, -8.f / 9, -2.f / 3, 4.f / 9, 0},
    {0, -8.f / 15, 4.f / 3, 0, -4.f / 3, 8.f / 15, 0},
    {0, 8.f / 45, 0, -8.f / 9, 0, 32.f / 45, 0},
    {0, -1.f / 4, 1.f / 8, 5.f / 4, -5.f / 8, -1, 1.f / 2},
};
constexpr float OUTPUTS[BLOCK][POINTS] = {
    {1, 1, 1, 1, 1, 1, 0},
    {0, 1, -1, 1.f / 2, -1.f / 2, 2, 0},
    {0, 1, 1, 1.f / 4, 1.f / 4, 4, 0},
    {0, 1, -1, 1.f / 8, -1.f / 8, 8, 1},
};

// Written out, where the compiler must neither join nor reorder what is taken away in two steps.
#if defined(__AVX512F__)
inline Floats rounded(Floats x) { return (Floats)_mm512_roundscale_ps((__m512)x, 0); }
inline Floats fused(Floats a, Floats b, Floats c) { return (Floats)_mm512_fmadd_ps((__m512)a, (__m512)b, (__m512)c); }
#elif defined(__AVX__) && defined(__FMA__)
inline Floats rounded(Floats x) { return (Floats)_mm256_round_ps((__m256)x, _MM_FROUND_TO_NEAREST_INT | _MM_FROUND_NO_EXC); }
inline Floats fused(Floats a, Floats b, Floats c) { return (Floats)_mm256_fmadd_ps((__m256)a, (__m256)b, (__m256)c); }
#elif defined(__aarch64__)
inline Floats rounded(Floats x) { return (Floats)vrndnq_f32((float32x4_t)x); }
inline Floats fused(Floats a, Floats b, Floats c) {
    return (Floats)vfmaq_f32((float32x4_t)c, (float32x4_t)a, (float32x4_t)b);
}
#else
inline Floats rounded(Floats x) {
    for (int i = 0; i < LANES; i++) x[i] = __builtin_rintf(x[i]);
    return x;
}
inline Floats fused(Floats a, Floats b, Floats c) {
    for (int i = 0; i < LANES; i++) a[i] = __builtin_fmaf(a[i], b[i], c[i]);
    return a;
}
#endif

inline Floats all(float value) { return Floats{} + value; }

// x + beta sin²(alpha x), to 1e-7 of the sine: whole half-turns off, then its series.
inline Floats snake(Floats x, Floats alpha, Floats beta) {
    const Floats y = alpha * x;
    const Floats turns = rounded(y * all(0.318309886f));
    const Floats r = fused(turns, all(8.74227766e-8f), fused(turns, all(-3.14159274f), y));
    const Floats q = r * r;
    Floats s = fused(q, all(-2.50521084e-8f), all(2.75573192e-6f));
    s = fused(q, s, all(-1.98412698e-4f));
    s = fused(q, s, all(8.33333333e-3f));
    s = fused(q, s, all(-1.66666667e-1f));
    s = fused(q * r, s, r);
    return fused(beta, s * s, x);
}

// `alpha` and `beta` go on to a whole panel, `x` and `out` may not.
inline void snake_row(const float* x, const float* alpha, const float* beta, int n, float* out) {
    int c = 0;
    for (; c + LANES <= n; c += LANES) store(out + c, snake(load(x + c), load(alpha + c), load(beta + c)));
    if (c == n) return;
    float rest[LANES] = {};
    std::memcpy(rest, x + c, (n - c) * 4);
    store(rest, snake(load(rest), load(alpha + c), load(beta + c)));
    std::memcpy(out + c, rest, (n - c) * 4);
}

// What is asked for while a panel is multiplied with: what is to come of this one, at every step; or the one behind it, a
// little in every group of rows.
enum class Ask { NOTHING, THIS, NEXT };

// M rows of `a` (at a distance of `stride`), for each of `n_segments` (a row further by `segment` each), times a panel.
// `next`, `n_lines`: from where on, and how many for each eight steps, the next panel is asked for.
template <int M, Ask ASK>
inline void multiply(const float* a, int64_t stride, int n_segments, int64_t segment, int n_in, const float* panel,
                     float* out, const char*& next, int n_lines) {
    constexpr int STEPS = ASK == Ask::NEXT ? 8 : 1;
    Floats sums[M][WIDE] = {};
    const auto add = [&](int c) {
        if (ASK == Ask::THIS)
            for (int i = 0; i < PANEL * 4; i += 64) __builtin_prefetch((const char*)panel + AHEAD + i, 0, 2);
        Floats w[WIDE];
        for (int v = 0; v < WIDE; v++) w[v] = load(panel + v * LANES);
        for (int m = 0; m < M; m++) {  // written out: of several steps at once the compiler would make sums of sums
            const Floats value = all(a[m * stride + c]);
            for (int v = 0; v < WIDE; v++) sums[m][v] = fused(value, w[v], sums[m][v]);
        }
        panel += PANEL;
    };
    for (int s = 0; s < n_segments; s++, a += segment) {
        int c = 0;
        for (; c + STEPS <= n_in; c += STEPS) {
            if (ASK == Ask::NEXT)
                for (int i = 0; i < n_lines; i++, next += 64) __builtin_prefetch(next, 0, 2);
            for (int i = 0; i < STEPS; i++) add(c + i);
        }
        for (; c < n_in; c++) add(c);
    }
    for (int m = 0; m < M; m++)
        for (int v = 0; v < WIDE; v++) store(out + m * PANEL + v * LANES, sums[m][v]);
}

template <int M>
void multiply_rest(int m, Ask ask, const float* a, int64_t stride, int n_segments, int64_t segment, int n_in,
                   const float* panel, float* out, const char*& next, int n_lines) {
    if constexpr (M > 0) {
        if (m < M) multiply_rest<M - 1>(m, ask, a, stride, n_segments, segment, n_in, panel, out, next, n_lines);
        else if (ask == Ask::THIS) multiply<M, Ask::THIS>(a, stride, n_segments, segment, n_in, panel, out, next, n_lines);
        else if (ask == Ask::NEXT) multiply<M, Ask::NEXT>(a, stride, n_segments, segment, n_in, panel, out, next, n_lines);
        else multiply<M, Ask::NOTHING>(a, stride, n_segments, segment, n_in, panel, out, next, n_lines);
    }
}

// `n_rows` of them -> out (n_rows, PANEL). `is_followed`: the caller goes on with the panel behind this one.
void multiply_all(const float* a, int64_t stride, int n_rows, int n_segments, int64_t segment, int n_in,
                  const float* panel, float* out, bool is_followed = false) {
    const int n_groups = (n_rows + ROWS - 1) / ROWS, n_lines = (8 * PANEL * 4 / 64 + n_groups - 1) / n_groups;
    const int64_t n_floats = (int64_t)n_segments * n_in * PANEL;
    // wider vectors have less time in which to ask, and what is small is in the cache already
    const bool asks_next = is_followed && LANES < 16 && n_in >= 256;
    const char* next = (const char*)(panel + n_floats);
    // groups of much the same size: a last one of one or two rows would wait for its own sums
    for (int row = 0, left = n_groups, n; left > 0; row += n, left--) {
        n = (n_rows - row + left - 1) / left;
        const Ask ask = asks_next ? Ask::NEXT : row == 0 ? Ask::THIS : Ask::NOTHING;
        multiply_rest<ROWS>(n, ask, a + row * stride, stride, n_segments, segment, n_in, panel, out + row * PANEL, next, n_lines);
    }
}

}  // namespace

extern "C" {

enum Kind : int32_t { CONVOLUTION, UNIT, LAST, TWO_TAPS };

// Channel-wise arrays are filled up to whole panels; weights are panel by panel, in each segment, input channel.
// TWO_TAPS: segments are the two taps and, third, their sum. UNIT: the second half of the taps at the first point, then
// for each other point MATRICES, panel by panel.
struct Op {
    const float *weights, *bias;    // CONVOLUTION: segments are rows one after the other. LAST: (segments * n_in)
    const float *alpha, *beta;      // of the Snake before it; null: none
    const float *weights2, *bias2;  // UNIT: of its second convolution
    const float *alpha2, *beta2;    // and of the Snake before that
    int64_t state;                  // where its last inputs are, (n_tail, n_in)
    int32_t kind, n_in, n_out, n_segments, dilation, n_tail;
    int32_t rate;  // each row becomes so many, of n_out / rate channels
};

}  // extern "C"

namespace {

int round_up(int n, int to) { return (n + to - 1) / to * to; }

struct Scratch {
    std::vector<float> floats;
    float* take(size_t n) {  // from the beginning of a line on: else half of all vectors would lie in two
        constexpr size_t LINE = 64;
        if (floats.size() < n + LINE / 4) floats.resize(n + LINE / 4);
        return (float*)(((uintptr_t)floats.data() + LINE - 1) / LINE * LINE);
    }
};

class Decoder {
public:
    explicit Decoder(int n_threads) : pool_(n_threads), own_(n_threads) {}

    void run(const Op* ops, int n_ops, float* state, const float* input, int n_rows, float* samples) {
        const float* x = input;
        for (int i = 0; i < n_ops; i++) {
            const Op& op = ops[i];
            float* tail = state + op.state;
            float* out = i == n_ops - 1 ? samples : buffers_[i % 2].take((size_t)n_rows * op.n_out);
            if (op.kind == UNIT) run_unit(op, tail, x, n_rows, out);
            else if (op.kind == TWO_TAPS && n_rows >= ENOUGH) run_pairs(op, tail, x, n_rows, out);
            else run_rows(op, tail, x, n_rows, out);
            keep_tail(op, tail, x, n_rows);
            n_rows *= op.rate, x = out;
        }
    }

private:
    // Calls work(item, thread) for each item, on all threads.
    template <class Work>
    void share(int n_items, Work work) {
        struct Job {
            Work& work;
            int n_items;
            std::atomic<int> next{0};
        } job{work, n_items};
        pool_.run(
            [](void* p, int thread) {
                Job& j = *(Job*)p;
                for (int item; (item = j.next.fetch_add(1, std::memory_order_relaxed)) < j.n_items;) j.work(item, thread);
            },
            &job);
    }

    static void keep_tail(const Op& op, float* tail, const float* x, int n_rows) {
        const size_t width = (size_t)op.n_in;
        const int n_old = std::max(0, op.n_tail - n_rows), n_new = op.n_tail - n_old;
        std::memmove(tail, tail + (size_t)(op.n_tail - n_old) * width, n_old * width * 4);
        std::memcpy(tail + n_old * width, x + (size_t)(n_rows - n_new) * width, n_new * width * 4);
    }

    // Row `t` of what follows the tail, through the first Snake; zeros after the end.
    static void act(const Op& op, const float* tail, const float* x, int64_t t, int n_rows, float* out) {
        const int64_t width = op.n_in;
        if (t >= n_rows) {
            std::memset(out, 0, width * 4);
            return;
        }
        const float* row = t < 0 ? tail + (op.n_tail + t) * width : x + t * width;
        if (op.alpha) snake_row(row, op.alpha, op.beta, op.n_in, out);
        else std::memcpy(out, row, width * 4);
    }

    // Two taps, two outputs at a time. Of many rows a thread makes some from their inputs to their outputs, so that what is
    // in between stays in the cache; of few rows, whose weights are what takes time, each weight is read by one thread alone.
    void run_pairs(const Op& op, const float* tail, const float* x, int n_rows, float* out) {
        const int n_pairs = (n_rows + 1) / 2, n_panels = (op.n_out + PANEL - 1) / PANEL;
        const bool are_many = n_pairs >= 192 * pool_.n_threads;
        const int many = are_many ? 48 : 96, n_lots = (n_pairs + many - 1) / many;
        const int64_t width = op.n_in;
        if (are_many) {
            share(n_lots, [&](int lot, int thread) {
                const int from = lot * many, n = std::min(many, n_pairs - from);
                float* values = own_[thread].take(PRODUCTS * many * (width + PANEL) + (2 * many + 1) * width);
                float *made = values + PRODUCTS * many * width, *acted = made + PRODUCTS * many * PANEL;
                find_pairs(op, tail, x, n_rows, from, n, acted, values, many * width);
                for (int panel = 0; panel < n_panels; panel++)
                    make_pairs(op, panel, from, n, values, many * width, made, n_rows, out);
            });
            return;
        }
        constexpr int LOT = 16;
        const int64_t of_product = n_pairs * width;
        float* values = acted_.take(PRODUCTS * of_product);
        share((n_pairs + LOT - 1) / LOT, [&](int item, int thread) {
            const int from = item * LOT, n = std::min(LOT, n_pairs - from);
            float* acted = own_[thread].take((2 * LOT + 1) * width);
            find_pairs(op, tail, x, n_rows, from, n, acted, values + from * width, of_product);
        });
        share(n_panels * n_lots, [&](int item, int thread) {  // panels follow each other: the lot stays in the cache
            const int from = item / n_panels * many, n = std::min(many, n_pairs - from);
            float* made = own_[thread].take(PRODUCTS * many * PANEL);
            make_pairs(op, item % n_panels, from, n, values + from * width, of_product, made, n_rows, out);
        });
    }

    // Of `n` pairs of rows what the three products want, each `of_product` after the other.
    static void find_pairs(const Op& op, const float* tail, const float* x, int n_rows, int from, int n, float* acted,
                           float* values, int64_t of_product) {
        const int64_t width = op.n_in;
        for (int i = 0; i < 2 * n + 1; i++) act(op, tail, x, 2 * from + i - op.n_tail, n_rows, acted + i * width);
        for (int pair = 0; pair < n; pair++) {
            const float* row = acted + 2 * pair * width;
            float* to = values + pair * width;
            for (int c = 0; c < width; c++) {
                const float middle = row[width + c];
                to[c] = row[c] - middle, to[of_product + c] = row[2 * width + c] - middle, to[2 * of_product + c] = middle;
            }
        }
    }

    static void make_pairs(const Op& op, int panel, int from, int n, const float* values, int64_t of_product, float* made,
                           int n_rows, float* out) {
        const int begin = panel * PANEL, n_valid = std::min(PANEL, op.n_out - begin), n_wanted = std::min(2 * n, n_rows - 2 * from);
        const int64_t width = op.n_in;
        float* to = out + (int64_t)2 * from * op.n_out + begin;
        for (int i = 0; i < n_wanted; i++)  // each in a line of its own, for which nobody else would ask in time
            for (int c = 0; c < n_valid; c += 16) __builtin_prefetch(to + (int64_t)i * op.n_out + c, 1);
        for (int product = 0; product < PRODUCTS; product++)
            multiply_all(values + product * of_product, width, n, 1, 0, op.n_in,
                         op.weights + (panel * PRODUCTS + product) * width * PANEL, made + (int64_t)product * n * PANEL, true);
        const int64_t to_next = (int64_t)n * PANEL;
        for (int i = 0; i < n_wanted; i++, to += op.n_out) {
            const float* both = made + 2 * to_next + i / 2 * PANEL;
            const float* one = both - (i % 2 ? 1 : 2) * to_next;
            for (int c = 0; c < n_valid; c++) to[c] = one[c] + both[c] + op.bias[begin + c];
        }
    }

    // Convolutions whose segments are neighbouring rows: the first, the upsampling ones, the last.
    void run_rows(const Op& op, const float* tail, const float* x, int n_rows, float* out) {
        constexpr int LOT = 32;
        const int n_acted = n_rows + op.n_tail;
        float* acted = acted_.take((size_t)n_acted * op.n_in);
        share((n_acted + LOT - 1) / LOT, [&](int item, int) {
            for (int i = item * LOT; i < std::min(n_acted, (item + 1) * LOT); i++)
                act(op, tail, x, i - op.n_tail, n_rows, acted + (int64_t)i * op.n_in);
        });
        if (op.kind == LAST) {
            constexpr int MANY = 1024;
            share((n_rows + MANY - 1) / MANY, [&](int item, int) {
                for (int t = item * MANY; t < std::min(n_rows, (item + 1) * MANY); t++) {
                    const float* row = acted + (int64_t)t * op.n_in;
                    float sum = 0;
                    for (int i = 0; i < op.n_segments * op.n_in; i++) sum += op.weights[i] * row[i];
                    out[t] = std::tanh(sum + op.bias[0]);
                }
            });
            return;
        }
        constexpr int MANY = 192;
        const int n_panels = (op.n_out + PANEL - 1) / PANEL, n_kept = op.kind == TWO_TAPS ? PRODUCTS : op.n_segments;
        const int in_row = std::clamp(n_panels / (8 * pool_.n_threads), 1, 8);  // panels that a thread takes together
        const int n_stretches = (n_panels + in_row - 1) / in_row, n_lots = (n_rows + MANY - 1) / MANY;
        share(n_stretches * n_lots, [&](int item, int thread) {
            const int from = item / n_stretches * MANY, n = std::min(MANY, n_rows - from);
            const int first = item % n_stretches * in_row, end = std::min(n_panels, first + in_row);
            float* made = own_[thread].take((size_t)MANY * PANEL);
            for (int panel = first; panel < end; panel++) {
                const float* weights = op.weights + (size_t)panel * n_kept * op.n_in * PANEL;
                multiply_all(acted + (int64_t)from * op.n_in, op.n_in, n, op.n_segments, op.n_in, op.n_in, weights, made,
                             panel + 1 < end && n_kept == op.n_segments);
                const int begin = panel * PANEL, n_valid = std::min(PANEL, op.n_out - begin);
                for (int i = 0; i < n; i++)
                    for (int c = 0; c < n_valid; c++)
                        out[(int64_t)(from + i) * op.n_out + begin + c] = made[i * PANEL + c] + op.bias[begin + c];
            }
        });
    }

    // A unit's outputs from one row on, and what is in between. Groups of two or three blocks share products; group j of
    // phase r is at j * dilation + r. The length is a multiple of a group's rows times dilation.
    struct Piece {
        int from, length, n_blocks, n_groups;
        float *acted, *values, *hidden;  // (length + 7 dilation, n_in), (products, n_groups, n_in), (length, n_in)
        float* products;                 // (products, panels, n_groups, PANEL); those of the first point (panels, blocks, …)
        float* made;                     // (length, panels of PANEL)

        Piece(const Op& op, int first, int n_rows, int blocks, Scratch& scratch)
            : from(first), length(n_rows), n_blocks(blocks), n_groups(n_rows / (blocks * BLOCK)) {
            const size_t n_acted = length + 7 * op.dilation;
            const size_t n_values = (size_t)(n_blocks + (POINTS - 1) * (n_blocks + 1)) * n_groups;
            acted = scratch.take((n_acted + n_values + length) * op.n_in + n_values * round_up(op.n_in, PANEL));
            values = acted + n_acted * op.n_in;
            hidden = values + n_values * op.n_in;
            products = made = hidden + (size_t)length * op.n_in;  // what is made last takes the place of products
        }
        int n_matrices() const { return 1 + (POINTS - 1) * (n_blocks + 1); }
    };

    void run_unit(const Op& op, const float* tail, const float* x, int n_rows, float* out) {
        if (op.n_in >= 512 && n_rows <= 1024) {
            // a fourth matrix takes longer to read than it saves when rows are few
            const int n_blocks = n_rows <= 256 ? 2 : 3;
            const int length = round_up(n_rows, n_blocks * BLOCK * op.dilation);
            run_panels(op, tail, x, n_rows, Piece(op, 0, length, n_blocks, unit_), out);
            return;
        }
        const int n_panels = (op.n_in + PANEL - 1) / PANEL, n_before = 7 * op.dilation;
        const int length = find_length(n_rows, op.n_in >= 256 ? 480 : 240, 3 * BLOCK * op.dilation);
        const int n_pieces = (n_rows + length - 1) / length;
        const int in_row = std::clamp(n_pieces / (24 * pool_.n_threads), 1, 4);  // pieces that a thread takes together
        const int stretch = in_row * length;
        share((n_rows + stretch - 1) / stretch, [&](int item, int thread) {
            for (int from = item * stretch; from < std::min(n_rows, (item + 1) * stretch); from += length) {
                const Piece piece(op, from, length, 3, own_[thread]);
                const bool is_first = from == item * stretch;  // else the last piece has what is before this one
                if (!is_first) std::memmove(piece.acted, piece.acted + (size_t)length * op.n_in, (size_t)n_before * op.n_in * 4);
                for (int i = is_first ? 0 : n_before; i < length + n_before; i++) act_row(op, piece, tail, x, n_rows, i);
                for (int group = 0; group < piece.n_groups; group++) find_values(op, piece, group);
                find_products(op, piece, 0, piece.n_matrices() * n_panels);
                for (int panel = 0; panel < n_panels; panel++) make_hidden(op, piece, panel);
                constexpr int LOT = 96;
                const int n_wanted = std::min(length, n_rows - from);
                for (int row = 0; row < n_wanted; row += LOT)
                    make_out(op, piece, 0, n_panels, row, std::min(n_wanted, row + LOT), x, piece.made, out);
            }
        });
    }

    // Of pieces not longer than `usual`: that with which all threads are done soonest. `step`: what it is a multiple of. A
    // group of few rows takes as long as one of many.
    int find_length(int n_rows, int usual, int step) const {
        constexpr int OF_GROUPS = 3 * BLOCK * ROWS;
        int best = step, least = INT32_MAX;
        for (int length = step; length <= std::max(usual, step); length += step) {
            const int n_pieces = (n_rows + length - 1) / length;
            const int time = (n_pieces + pool_.n_threads - 1) / pool_.n_threads * (round_up(length, OF_GROUPS) + 4 * BLOCK);
            if (time <= least) best = length, least = time;
        }
        return best;
    }

    // Few rows of a wide unit, where its weights are what takes time: each is read by one thread alone.
    void run_panels(const Op& op, const float* tail, const float* x, int n_rows, const Piece& piece, float* out) {
        const int n_panels = (op.n_in + PANEL - 1) / PANEL, n_items = piece.n_matrices() * n_panels;
        share(piece.length + 7 * op.dilation, [&](int i, int) { act_row(op, piece, tail, x, n_rows, i); });
        share(piece.n_groups, [&](int group, int) { find_values(op, piece, group); });
        constexpr int LOT = 8;
        share((n_items + LOT - 1) / LOT, [&](int lot, int) { find_products(op, piece, lot * LOT, std::min((lot + 1) * LOT, n_items)); });
        share(n_panels, [&](int panel, int) { make_hidden(op, piece, panel); });
        share(n_panels, [&](int panel, int) {
            float* made = piece.made + (int64_t)panel * piece.length * PANEL;
            make_out(op, piece, panel, panel + 1, 0, n_rows, x, made, out);
        });
    }

    static void act_row(const Op& op, const Piece& piece, const float* tail, const float* x, int n_rows, int i) {
        act(op, tail, x, piece.from + i - 7 * op.dilation, n_rows, piece.acted + (int64_t)i * op.n_in);
    }

    static void find_values(const Op& op, const Piece& piece, int group) {
        const int64_t d = op.dilation, width = op.n_in, to_next = piece.n_groups * width;
        const float* x = piece.acted + (group / d * piece.n_blocks * BLOCK * d + group % d) * width;
        float* values = piece.values + group * width;
        int c = 0;
        for (; c + LANES <= width; c += LANES) {
            if (piece.n_blocks == 3) find_values<Floats, 3>(x + c, d * width, values + c, to_next);
            else find_values<Floats, 2>(x + c, d * width, values + c, to_next);
        }
        for (; c < width; c++) {
            if (piece.n_blocks == 3) find_values<float, 3>(x + c, d * width, values + c, to_next);
            else find_values<float, 2>(x + c, d * width, values + c, to_next);
        }
    }

    // Of the rows of `x`, `step` apart, four blocks (three) of seven, which overlap. Each at the points, and of these what
    // the products want: rows of `values`, `to_next` apart.
    template <class V, int N_BLOCKS>
    static inline void find_values(const float* x, int64_t step, float* values, int64_t to_next) {
        const auto put = [&](V v) { std::memcpy(values, &v, sizeof v), values += to_next; };
#pragma GCC unroll 7
        for (int p = 0; p < POINTS; p++) {
            V blocks[N_BLOCKS + 1] = {};
#pragma GCC unroll 7
            for (int i = 0; i < POINTS; i++)
                if (VALUES[p][i] != 0)
                    for (int b = p == 0; b <= N_BLOCKS; b++) {
                        V v;
                        std::memcpy(&v, x + (b * BLOCK + i) * step, sizeof v);
                        blocks[b] += VALUES[p][i] * v;
                    }
            if (p == 0) {
                for (int b = 1; b <= N_BLOCKS; b++) put(blocks[b]);
            } else if constexpr (N_BLOCKS == 3) {
                put(blocks[0] - blocks[2]), put(blocks[3] - blocks[1]), put(blocks[1] + blocks[2]), put(blocks[2] - blocks[1]);
            } else {
                put(blocks[0] - blocks[1]), put(blocks[2] - blocks[1]), put(2 * blocks[1]);
            }
        }
    }

    // Of the long convolution: product by product and panel by panel, as its weights lie. Those of one product are all made
    // before the next, so that its values stay in the cache.
    static void find_products(const Op& op, const Piece& piece, int begin, int end) {
        const int64_t width = op.n_in, n_panels = (width + PANEL - 1) / PANEL;
        for (int64_t i = begin; i < end; i++) {
            const int64_t nth = i / n_panels - 1, panel = i % n_panels;
            const int64_t matrix = nth < 0 ? 0 : 1 + nth / (piece.n_blocks + 1) * MATRICES + nth % (piece.n_blocks + 1);
            const int64_t product = nth < 0 ? 0 : piece.n_blocks + nth;
            const int n_rows = nth < 0 ? piece.n_blocks * piece.n_groups : piece.n_groups;
            multiply_all(piece.values + product * piece.n_groups * width, width, n_rows, 1, 0, op.n_in,
                         op.weights + (matrix * n_panels + panel) * width * PANEL,
                         piece.products + (product * n_panels * piece.n_groups + panel * n_rows) * PANEL, true);
        }
    }

    static void make_hidden(const Op& op, const Piece& piece, int panel) {
        if (piece.n_blocks == 3) make_hidden<3>(op, piece, panel);
        else make_hidden<2>(op, piece, panel);
    }

    // Of one panel: from the products to the second Snake's outputs, rows of `hidden`.
    template <int N_BLOCKS>
    static void make_hidden(const Op& op, const Piece& piece, int panel) {
        const int d = op.dilation, begin = panel * PANEL, n_valid = std::min(PANEL, op.n_in - begin);
        const int64_t to_block = (int64_t)piece.n_groups * PANEL, to_next = to_block * ((op.n_in + PANEL - 1) / PANEL);
        const float* firsts = piece.products + panel * N_BLOCKS * to_block;
        const float* others = piece.products + N_BLOCKS * to_next + panel * to_block;
        for (int group = 0; group < piece.n_groups; group++, firsts += PANEL, others += PANEL) {
            float made[N_BLOCKS * BLOCK][PANEL];
            for (int v = 0; v < WIDE; v++) {
#pragma GCC unroll 3
                for (int block = 0; block < N_BLOCKS; block++) {
                    Floats at[POINTS];
                    at[0] = load(firsts + block * to_block + v * LANES);
                    const float* from = others + v * LANES;
#pragma GCC unroll 7
                    for (int p = 1; p < POINTS; p++, from += (N_BLOCKS + 1) * to_next) {
                        at[p] = load(from + 2 * to_next);
                        if (N_BLOCKS == 3) {
                            const Floats other = load(from + 3 * to_next);
                            at[p] = block == 1 ? at[p] - other : at[p] + other;
                        }
                        if (block == 0) at[p] += load(from);
                        if (block == N_BLOCKS - 1) at[p] += load(from + to_next);
                    }
#pragma GCC unroll 4
                    for (int i = 0; i < BLOCK; i++) {
                        Floats sum = load(op.bias + begin + v * LANES);
#pragma GCC unroll 7
                        for (int p = 0; p < POINTS; p++)
                            if (OUTPUTS[i][p] != 0) sum += OUTPUTS[i][p] * at[p];
                        store(made[block * BLOCK + i] + v * LANES, sum);
                    }
                }
            }
            for (int i = 0; i < N_BLOCKS * BLOCK; i++) {
                const int64_t row = ((int64_t)(group / d) * N_BLOCKS * BLOCK + i) * d + group % d;
                float* to = piece.hidden + row * op.n_in + begin;
                snake_row(made[i], op.alpha2 + begin, op.beta2 + begin, n_valid, to);
            }
        }
    }

    // Of some panels of channels and some rows of a piece: the second convolution, added to the unit's inputs.
    static void make_out(const Op& op, const Piece& piece, int panel, int end_panel, int row, int end_row, const float* x,
                         float* made, float* out) {
        const int64_t width = op.n_in, begin = panel * PANEL;
        const int n_wanted = end_row - row, n_panels = end_panel - panel;
        for (int i = 0; i < n_panels; i++)
            multiply_all(piece.hidden + row * width, width, n_wanted, 1, 0, op.n_in, op.weights2 + (panel + i) * width * PANEL,
                         made + (int64_t)i * n_wanted * PANEL, true);
        const int n_valid = std::min(n_panels * PANEL, (int)(width - begin));
        for (int i = 0; i < n_wanted; i++) {  // row by row, as they lie
            const int64_t at = (piece.from + row + i) * width + begin;
            for (int c = 0; c < n_valid; c += PANEL) {
                const float* from = made + ((int64_t)(c / PANEL) * n_wanted + i) * PANEL;
                for (int k = 0; k < std::min(PANEL, n_valid - c); k++)
                    out[at + c + k] = x[at + c + k] + from[k] + op.bias2[begin + c + k];
            }
        }
    }

    Pool pool_;
    std::vector<Scratch> own_;
    Scratch buffers_[2], acted_, unit_;
};

}  // namespace

extern "C" {

LECTERN_EXPORT int lectern_codec_panel() { return PANEL; }

LECTERN_EXPORT void* lectern_codec_open(int n_threads) { return new Decoder(n_threads); }

LECTERN_EXPORT void lectern_codec_close(void* decoder) { delete (Decoder*)decoder; }

// input (n_rows, n_in of the first op) -> samples (n_rows * product of rates, n_out / rate of the last)
LECTERN_EXPORT void lectern_codec_run(void* decoder, const Op* ops, int n_ops, float* state, const float* input, int n_rows,
                       float* samples) {
    ((Decoder*)decoder)->run(ops, n_ops, state, input, n_rows, samples);
}

}  // extern "C"
