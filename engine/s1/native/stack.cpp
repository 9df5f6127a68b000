// A transformer stack for a handful of new positions, as fast as memory delivers its weights: one call runs all
// layers, its threads meet at barriers, and each weight is read once for all rows. Weights may be fp32, bf16, fp16, int8
// (a scale per row) or int4 (a scale and a zero per 32); all arithmetic is fp32.
//
// Plain C interface, no dependency, C++17 with the vector extensions of GCC and Clang. stack.py beside this file has
// the same structures. Shapes there.

#include "pool.h"

#include <algorithm>
#include <cmath>
#include <cstring>

namespace {

constexpr int LANES = 16;
constexpr int GROUP = 32;    // int4: weights that share a scale and a zero
constexpr int WOVEN = 4;     // int4: groups whose bytes take turns
constexpr int MAX_ROWS = 16;  // new positions in one call
constexpr int TICKET_ROWS = 32;  // rows of a matrix that a thread takes at a time

typedef float Floats __attribute__((vector_size(64)));
typedef int32_t Ints __attribute__((vector_size(64)));
typedef uint32_t Words __attribute__((vector_size(64)));
typedef int8_t Bytes __attribute__((vector_size(16)));
typedef uint8_t Octets __attribute__((vector_size(16)));
typedef uint16_t Shorts __attribute__((vector_size(32)));

enum Format : int32_t { FP32, BF16, FP16, INT8, INT4 };

template <class V>
inline V load(const void* from) {
    V v;
    std::memcpy(&v, from, sizeof v);
    return v;
}

inline float total(Floats v) {
    float sum = 0;
    for (int i = 0; i < LANES; i++) sum += v[i];
    return sum;
}

inline Floats bf16_to_floats(const uint16_t* from) {
    return (Floats)(__builtin_convertvector(load<Shorts>(from), Words) << 16);
}

inline float bf16_to_float(uint16_t bits) {
    uint32_t wide = (uint32_t)bits << 16;
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

// 16 stored values as fp32, and one; what a format's elements are.
struct Fp32 {
    typedef float T;
    static Floats wide(const T* p) { return load<Floats>(p); }
    static float one(T v) { return v; }
    static T back(float v) { return v; }
};
struct Bf16 {
    typedef uint16_t T;
    static Floats wide(const T* p) { return bf16_to_floats(p); }
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
#if defined(__AVX512F__)  // GCC 12 takes the vectors below apart, byte by byte
        return (Floats)_mm512_cvtepi32_ps(_mm512_cvtepi8_epi32(_mm_loadu_si128((const __m128i*)p)));
#else
        return __builtin_convertvector(__builtin_convertvector(load<Bytes>(p), Ints), Floats);
#endif
    }
    static float one(T v) { return v; }
};

}  // namespace

extern "C" {

struct Matrix {          // (rows, columns), row by row
    const void* data;    // int4: rows * columns / 2 bytes; of each 32 weights byte j holds j (low) and 16 + j (high), and
                         // in each whole 512 of a row the bytes of four such groups take turns
    const void* scales;  // int8: bf16 (rows); int4: bf16 (rows, columns / 32, 2), scale and zero of (q - 8)
    const float* bias;   // (rows), or null
    int32_t rows, columns, format;
};

struct Layer {
    Matrix wqkv, wo, w1, w3, w2;
    const float *attention_norm, *ffn_norm, *q_norm, *k_norm;  // the latter two null without qk-norm
};

struct Stack {
    const Layer* layers;
    int32_t n_layer, dim, n_head, n_local_heads, head_dim, intermediate_size;
    float norm_eps;
    const float *cos, *sin;  // (positions, head_dim / 2)
    const float* norm;       // (dim): the final norm, before the head
    Matrix head;
};

struct Run {
    float* x;                  // (n_rows, dim), in and out
    const int32_t* sequences;  // (n_rows): which sequence of the cache a row belongs to
    const int32_t* positions;  // (n_rows): ascending within a sequence
    void* cache;               // (n_layer, 2, n_sequences, n_local_heads, max_positions, head_dim)
    float* logits;             // (n_logits, head.rows), or null
    const int32_t* logit_rows; // (n_logits): the rows of x whose logits are wanted
    int32_t n_rows, n_sequences, max_positions, cache_format, n_logits;
};

}  // extern "C"

namespace {

// out[m] = row of `w` times x[m], for M rows of x at a distance of `columns`.
template <class F, int M>
inline void dot_plain(const typename F::T* w, const float* x, int columns, float* out) {
    constexpr int UNROLL = M == 1 ? 4 : M == 2 ? 2 : 1;
    Floats sums[M][UNROLL] = {};
    int k = 0;
    for (; k + LANES * UNROLL <= columns; k += LANES * UNROLL)
        for (int u = 0; u < UNROLL; u++) {
            const Floats weight = F::wide(w + k + LANES * u);
            for (int m = 0; m < M; m++) sums[m][u] += weight * load<Floats>(x + m * columns + k + LANES * u);
        }
    for (; k + LANES <= columns; k += LANES) {
        const Floats weight = F::wide(w + k);
        for (int m = 0; m < M; m++) sums[m][0] += weight * load<Floats>(x + m * columns + k);
    }
    for (int m = 0; m < M; m++) {
        Floats sum = sums[m][0];
        for (int u = 1; u < UNROLL; u++) sum += sums[m][u];
        out[m] = total(sum);
        for (int rest = k; rest < columns; rest++) out[m] += F::one(w[rest]) * x[m * columns + rest];
    }
}

inline void int4_to_floats(const uint8_t* from, Floats& low, Floats& high) {  // 32 weights, 0 to 15
#if defined(__AVX512F__)
    const Words pairs = (Words)_mm512_cvtepu8_epi32(_mm_loadu_si128((const __m128i*)from));
    const __m512 values = _mm512_setr_ps(0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15);
    low = (Floats)_mm512_permutexvar_ps((__m512i)pairs, values);  // looks at four bits of each lane
    high = (Floats)_mm512_permutexvar_ps((__m512i)(pairs >> 4), values);
#else
    const Words pairs = __builtin_convertvector(load<Octets>(from), Words);
    low = __builtin_convertvector((Ints)(pairs & 15), Floats);
    high = __builtin_convertvector((Ints)(pairs >> 4), Floats);
#endif
}

inline Floats nibble_to_floats(Words words) {  // the lowest four bits of each lane
#if defined(__AVX512F__)
    const __m512 values = _mm512_setr_ps(0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15);
    return (Floats)_mm512_permutexvar_ps((__m512i)words, values);  // looks at no other bits
#else
    return __builtin_convertvector((Ints)(words & 15), Floats);
#endif
}

// `group_sums` (M, columns / 32): of x, for the zeros. Scales and zeros are widened 16 at a time; what they belong to,
// 512 weights, is woven so that a lane holds eight weights of its own, which shifts bring forth.
template <int M>
inline void dot_int4(const Matrix& w, int row, const float* x, const float* group_sums, float* out) {
    const int columns = w.columns, n_groups = columns / GROUP;
    const uint8_t* data = (const uint8_t*)w.data + (int64_t)row * columns / 2;
    const uint16_t* scales = (const uint16_t*)w.scales + (int64_t)row * n_groups * 2;
    Floats sums[M][WOVEN] = {};
    Floats zeros[M] = {};
    int g = 0;
    for (; g + LANES <= n_groups; g += LANES) {
        const Words pairs = load<Words>(scales + 2 * g);  // scale in the low half, zero in the high one
        const Floats scale = (Floats)(pairs << 16);
        const Floats zero = (Floats)(pairs & 0xffff0000u) - 8 * scale;
        for (int m = 0; m < M; m++) zeros[m] += zero * load<Floats>(group_sums + m * n_groups + g);
        float wide[LANES];  // by way of memory: a broadcast from there is free
        std::memcpy(wide, &scale, sizeof wide);
        for (int block = 0; block < LANES; block += WOVEN) {
            const Words words = load<Words>(data + (g + block) * (GROUP / 2));
            for (int i = 0; i < WOVEN; i++) {
                const Floats low = nibble_to_floats(words >> (8 * i)), high = nibble_to_floats(words >> (8 * i + 4));
                for (int m = 0; m < M; m++) {
                    const float* inputs = x + m * columns + (g + block + i) * GROUP;
                    sums[m][i] += (low * load<Floats>(inputs) + high * load<Floats>(inputs + LANES)) * wide[block + i];
                }
            }
        }
    }
    float rest[M] = {};
    for (; g < n_groups; g++) {  // the last few groups, one by one
        Floats low, high;
        int4_to_floats(data + g * GROUP / 2, low, high);
        const float scale = bf16_to_float(scales[2 * g]);
        const float zero = bf16_to_float(scales[2 * g + 1]) - 8 * scale;
        for (int m = 0; m < M; m++) {
            const float* inputs = x + m * columns + g * GROUP;
            sums[m][g % WOVEN] += (low * load<Floats>(inputs) + high * load<Floats>(inputs + LANES)) * scale;
            rest[m] += zero * group_sums[m * n_groups + g];
        }
    }
    for (int m = 0; m < M; m++) {
        for (int i = 0; i < WOVEN; i++) zeros[m] += sums[m][i];
        out[m] = total(zeros[m]) + rest[m];
    }
}

template <int M>
void multiply_rows(const Matrix& w, int begin, int end, const float* x, const float* group_sums, float* out) {
    const int64_t columns = w.columns;
    for (int row = begin; row < end; row++) {
        float sums[M];
        switch (w.format) {
            case FP32: dot_plain<Fp32, M>((const float*)w.data + row * columns, x, columns, sums); break;
            case BF16: dot_plain<Bf16, M>((const uint16_t*)w.data + row * columns, x, columns, sums); break;
            case FP16: dot_plain<Fp16, M>((const uint16_t*)w.data + row * columns, x, columns, sums); break;
            case INT8: {
                dot_plain<Int8, M>((const int8_t*)w.data + row * columns, x, columns, sums);
                const float scale = bf16_to_float(((const uint16_t*)w.scales)[row]);
                for (int m = 0; m < M; m++) sums[m] *= scale;
                break;
            }
            default: dot_int4<M>(w, row, x, group_sums, sums);
        }
        const float bias = w.bias ? w.bias[row] : 0;
        for (int m = 0; m < M; m++) out[m * w.rows + row] = sums[m] + bias;
    }
}

// Rows begin..end of `w` times n_rows of x -> out (n_rows, w.rows).
void multiply(const Matrix& w, int begin, int end, const float* x, const float* group_sums, int n_rows, float* out) {
    const int n_groups = w.columns / GROUP;
    while (n_rows > 0) {
        const int m = n_rows >= 4 ? 4 : n_rows;
        switch (m) {
            case 1: multiply_rows<1>(w, begin, end, x, group_sums, out); break;
            case 2: multiply_rows<2>(w, begin, end, x, group_sums, out); break;
            case 3: multiply_rows<3>(w, begin, end, x, group_sums, out); break;
            default: multiply_rows<4>(w, begin, end, x, group_sums, out);
        }
        n_rows -= m, x += (int64_t)m * w.columns, group_sums += m * n_groups, out += (int64_t)m * w.rows;
    }
}

void sum_groups(const float* x, int n_rows, int columns, float* sums) {
    if (columns % GROUP) return;  // such a matrix is never int4
    for (int g = 0; g < n_rows * (columns / GROUP); g++)
        sums[g] = total(load<Floats>(x + g * GROUP) + load<Floats>(x + g * GROUP + LANES));
}

float dot_floats(const float* a, const float* b, int n) {
    float out;
    dot_plain<Fp32, 1>(a, b, n, &out);
    return out;
}

void normalise(const float* x, const float* weight, int n, float eps, float* out) {
    const float scale = 1 / std::sqrt(dot_floats(x, x, n) / n + eps);
    for (int i = 0; i < n; i++) out[i] = x[i] * scale * weight[i];
}

void rotate(float* x, const float* cos, const float* sin, int head_dim) {
    for (int j = 0; j < head_dim / 2; j++) {
        const float even = x[2 * j], odd = x[2 * j + 1];
        x[2 * j] = even * cos[j] - odd * sin[j];
        x[2 * j + 1] = odd * cos[j] + even * sin[j];
    }
}

struct Job {
    const Stack& stack;
    const Run& run;
    Pool& pool;
    std::vector<float> qkv, attended, gate, up, down;
    std::vector<std::atomic<int>> tickets;

    Job(const Stack& s, const Run& r, Pool& p)
        : stack(s), run(r), pool(p), qkv((size_t)r.n_rows * (s.n_head + 2 * s.n_local_heads) * s.head_dim),
          attended((size_t)r.n_rows * s.n_head * s.head_dim), gate((size_t)r.n_rows * s.intermediate_size),
          up(gate.size()), down((size_t)r.n_rows * s.dim), tickets(5 * s.n_layer + 1) {}
};

// One thread's part of a run.
class Worker {
public:
    explicit Worker(Job& job)
        : job_(job), s_(job.stack), r_(job.run), inputs_((size_t)r_.n_rows * std::max(s_.dim, s_.intermediate_size)),
          group_sums_((size_t)r_.n_rows * (std::max({s_.dim, s_.intermediate_size, s_.n_head * s_.head_dim}) / GROUP + 1)),
          scores_(r_.max_positions) {}

    void work() {
        for (int layer = 0; layer < s_.n_layer; layer++) {
            run_attention(s_.layers[layer], layer);
            run_feed_forward(s_.layers[layer], layer);
        }
        if (!r_.n_logits) return;
        for (int i = 0; i < r_.n_logits; i++)
            normalise(r_.x + (int64_t)r_.logit_rows[i] * s_.dim, s_.norm, s_.dim, s_.norm_eps, &inputs_[(size_t)i * s_.dim]);
        share(5 * s_.n_layer, s_.head, inputs_.data(), r_.n_logits, r_.logits, [](int, int) {});
    }

private:
    // Takes rows of `w` until none is left; `after(begin, end)` for each lot.
    template <class After>
    void share(int phase, const Matrix& w, const float* x, int n_rows, float* out, After after) {
        sum_groups(x, n_rows, w.columns, group_sums_.data());
        while (true) {
            const int begin = job_.tickets[phase].fetch_add(TICKET_ROWS, std::memory_order_relaxed);
            if (begin >= w.rows) return;
            const int end = std::min(begin + TICKET_ROWS, w.rows);
            multiply(w, begin, end, x, group_sums_.data(), n_rows, out);
            after(begin, end);
        }
    }

    void add_to_x(const float* out, int begin, int end) {
        for (int row = 0; row < r_.n_rows; row++)
            for (int i = begin; i < end; i++) r_.x[(int64_t)row * s_.dim + i] += out[(int64_t)row * s_.dim + i];
    }

    void normalise_x(const float* weight) {
        for (int row = 0; row < r_.n_rows; row++)
            normalise(r_.x + (int64_t)row * s_.dim, weight, s_.dim, s_.norm_eps, &inputs_[(size_t)row * s_.dim]);
    }

    void run_attention(const Layer& w, int layer) {
        normalise_x(w.attention_norm);
        share(5 * layer, w.wqkv, inputs_.data(), r_.n_rows, job_.qkv.data(), [](int, int) {});
        job_.pool.meet();
        const int n_tasks = s_.n_local_heads * r_.n_sequences;
        for (int task; (task = job_.tickets[5 * layer + 1].fetch_add(1, std::memory_order_relaxed)) < n_tasks;) {
            const int sequence = task / s_.n_local_heads, head = task % s_.n_local_heads;
            if (r_.cache_format == FP32) attend<Fp32>(w, layer, sequence, head);
            else if (r_.cache_format == BF16) attend<Bf16>(w, layer, sequence, head);
            else attend<Fp16>(w, layer, sequence, head);
        }
        job_.pool.meet();
        share(5 * layer + 2, w.wo, job_.attended.data(), r_.n_rows, job_.down.data(),
              [&](int begin, int end) { add_to_x(job_.down.data(), begin, end); });
        job_.pool.meet();
    }

    void run_feed_forward(const Layer& w, int layer) {
        normalise_x(w.ffn_norm);
        share(5 * layer + 3, w.w1, inputs_.data(), r_.n_rows, job_.gate.data(), [&](int begin, int end) {
            multiply(w.w3, begin, end, inputs_.data(), group_sums_.data(), r_.n_rows, job_.up.data());
            for (int row = 0; row < r_.n_rows; row++)
                for (int i = begin; i < end; i++) {
                    float& gate = job_.gate[(int64_t)row * s_.intermediate_size + i];
                    gate = gate / (1 + std::exp(-gate)) * job_.up[(int64_t)row * s_.intermediate_size + i];
                }
        });
        job_.pool.meet();
        share(5 * layer + 4, w.w2, job_.gate.data(), r_.n_rows, job_.down.data(),
              [&](int begin, int end) { add_to_x(job_.down.data(), begin, end); });
        job_.pool.meet();
    }

    // One key/value head of one sequence: its new keys and values, then the queries that share it.
    template <class F>
    void attend(const Layer& w, int layer, int sequence, int head) {
        const int c = s_.head_dim, n_shared = s_.n_head / s_.n_local_heads;
        const int64_t width = (int64_t)(s_.n_head + 2 * s_.n_local_heads) * c;
        const int64_t of_head = ((int64_t)sequence * s_.n_local_heads + head) * r_.max_positions * c;
        const int64_t of_half = (int64_t)r_.n_sequences * s_.n_local_heads * r_.max_positions * c;
        typename F::T* keys = (typename F::T*)r_.cache + 2 * layer * of_half + of_head;
        typename F::T* values = keys + of_half;
        for (int row = 0; row < r_.n_rows; row++) {
            if (r_.sequences[row] != sequence) continue;
            float* key = &job_.qkv[row * width + (int64_t)(s_.n_head + head) * c];
            const float* value = key + (int64_t)s_.n_local_heads * c;
            const int64_t at = (int64_t)r_.positions[row] * c;
            turn(key, w.k_norm, r_.positions[row]);
            for (int i = 0; i < c; i++) keys[at + i] = F::back(key[i]), values[at + i] = F::back(value[i]);
        }
        for (int row = 0; row < r_.n_rows; row++) {
            if (r_.sequences[row] != sequence) continue;
            for (int q = head * n_shared; q < (head + 1) * n_shared; q++) {
                float* query = &job_.qkv[row * width + (int64_t)q * c];
                turn(query, w.q_norm, r_.positions[row]);
                look<F>(query, keys, values, r_.positions[row] + 1, &job_.attended[((int64_t)row * s_.n_head + q) * c]);
            }
        }
    }

    void turn(float* head, const float* norm, int position) {
        if (norm) normalise(head, norm, s_.head_dim, s_.norm_eps, head);
        const int64_t at = (int64_t)position * (s_.head_dim / 2);
        rotate(head, s_.cos + at, s_.sin + at, s_.head_dim);
    }

    template <class F>
    void look(const float* query, const typename F::T* keys, const typename F::T* values, int n, float* out) {
        const int c = s_.head_dim;
        const float scale = 1 / std::sqrt((float)c);
        float best = -3e38f, sum = 0;
        for (int p = 0; p < n; p++) {
            dot_plain<F, 1>(keys + (int64_t)p * c, query, c, &scores_[p]);
            scores_[p] *= scale;
            best = std::max(best, scores_[p]);
        }
        for (int p = 0; p < n; p++) sum += scores_[p] = std::exp(scores_[p] - best);
        int i = 0;
        for (; i + LANES <= c; i += LANES) {
            Floats mix = {};
            for (int p = 0; p < n; p++) mix += scores_[p] * F::wide(values + (int64_t)p * c + i);
            mix /= sum;
            std::memcpy(out + i, &mix, sizeof mix);
        }
        for (; i < c; i++) {
            out[i] = 0;
            for (int p = 0; p < n; p++) out[i] += scores_[p] * F::one(values[(int64_t)p * c + i]);
            out[i] /= sum;
        }
    }

    Job& job_;
    const Stack& s_;
    const Run& r_;
    std::vector<float> inputs_, group_sums_, scores_;
};

}  // namespace

extern "C" {

void* lectern_open_pool(int n_threads) { return new Pool(n_threads); }

void lectern_close_pool(void* pool) { delete (Pool*)pool; }

int lectern_max_rows() { return MAX_ROWS; }

void lectern_run(void* pool, const Stack* stack, const Run* run) {
    Job job(*stack, *run, *(Pool*)pool);
    ((Pool*)pool)->run([](void* job, int) { Worker(*(Job*)job).work(); }, &job);
}

}  // extern "C"
