// The layers of a transformer stack over a handful of new positions: all threads run them together, each takes what is
// left to do, and they meet at barriers. Each weight is read once for all rows; all arithmetic is fp32.

#pragma once

#include "panels.h"
#include "pool.h"

#include <cmath>

extern "C" {

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
    Matrix input;            // from another stack's x to this one's; of no rows where it is taken as it is
};

struct Run {
    float* x;                  // (n_rows, dim), in and out
    const int64_t* sequences;  // (n_rows): which sequence of the cache a row belongs to
    const int64_t* positions;  // (n_rows): ascending within a sequence
    void* cache;               // (n_layer, 2, n_sequences, n_local_heads, max_positions, head_dim)
    float* logits;             // (n_logits, head.rows), or null
    const int64_t* logit_rows; // (n_logits): the rows of x whose logits are wanted
    int32_t n_rows, n_sequences, max_positions, cache_format, n_logits;
    int32_t to_memory;         // whether keys and values alone are wanted: the last layer ends with them, and x is void
};

}  // extern "C"

namespace {

constexpr int LOT_BYTES = 64 * 1024;  // of a matrix that a thread takes at a time
constexpr int CACHE_AHEAD = 2048;     // bytes: a head's keys and values are short, and what follows is another's

void normalise(const float* x, const float* weight, int n, float eps, float* out) {
    const float scale = 1 / std::sqrt(dot<Fp32>(x, x, n) / n + eps);
    for (int i = 0; i < n; i++) out[i] = x[i] * scale * weight[i];
}

void rotate(float* x, const float* cos, const float* sin, int head_dim) {
    for (int j = 0; j < head_dim / 2; j++) {
        const float even = x[2 * j], odd = x[2 * j + 1];
        x[2 * j] = even * cos[j] - odd * sin[j];
        x[2 * j + 1] = odd * cos[j] + even * sin[j];
    }
}

// What the threads of a run share. Another run of no more rows may follow, after `begin_again`.
struct Job {
    const Stack& stack;
    Run run;
    Pool& pool;
    std::vector<float> qkv, attended, gate, up, down;

    Job(const Stack& s, const Run& r, Pool& p)
        : stack(s), run(r), pool(p), qkv((size_t)r.n_rows * (s.n_head + 2 * s.n_local_heads) * s.head_dim),
          attended((size_t)r.n_rows * s.n_head * s.head_dim), gate((size_t)r.n_rows * s.intermediate_size),
          up(gate.size()), down((size_t)r.n_rows * s.dim), next_((5 * s.n_layer + 2) * p.n_threads) {
        begin_again();
    }
    void begin_again() {
        for (auto& next : next_) next.store(0, std::memory_order_relaxed);
    }
    int first_of(int thread, int n) const { return (int64_t)n * thread / pool.n_threads; }

    // Calls `part(i)` for what of 0 to n - 1 nobody else takes: a thread's own stretch from front to back, because memory
    // foresees that, and then what the others have not come to yet.
    template <class Part>
    void take(int phase, int thread, int n, Part part) {
        const int n_threads = pool.n_threads;
        for (int other = 0; other < n_threads; other++) {
            const int owner = (thread + other) % n_threads;
            const int begin = first_of(owner, n), end = first_of(owner + 1, n);
            auto& next = next_[phase * n_threads + owner];
            for (int i; (i = begin + next.fetch_add(1, std::memory_order_relaxed)) < end;) part(i);
        }
    }

private:
    std::vector<std::atomic<int>> next_;
};

// One thread's part of a job.
class Worker {
public:
    Worker(Job& job, int thread)
        : job_(job), s_(job.stack), r_(job.run), thread_(thread), inputs_((size_t)r_.n_rows * s_.dim),
          scores_(2 * (size_t)(r_.max_positions + LANES)) {}  // of two queries

    void run_layers() {
        for (int layer = 0; layer < s_.n_layer; layer++) {
            const bool to_memory = r_.to_memory && layer + 1 == s_.n_layer;
            run_heads(s_.layers[layer], layer, to_memory);
            if (to_memory) break;
            run_output(s_.layers[layer], layer);
            run_feed_forward(s_.layers[layer], layer);
        }
    }

    // The logits are there when all have met.
    void run_head() {
        for (int i = 0; i < r_.n_logits; i++)
            normalise(r_.x + r_.logit_rows[i] * s_.dim, s_.norm, s_.dim, s_.norm_eps, &inputs_[(size_t)i * s_.dim]);
        if (r_.n_logits) share(5 * s_.n_layer, s_.head, inputs_.data(), r_.n_logits, r_.logits, [](int, int) {});
    }

    // What `next` takes of this stack's x, (n_rows, next.dim): there when all have met.
    void make_input(const Stack& next, float* out) {
        if (next.input.rows) share(5 * s_.n_layer + 1, next.input, r_.x, r_.n_rows, out, [](int, int) {});
        else if (thread_ == 0) std::copy_n(r_.x, (int64_t)r_.n_rows * s_.dim, out);
    }

private:
    // Multiplies what of `w` nobody else does; `after(begin, end)` for each lot of panels.
    template <class After>
    void share(int phase, const Matrix& w, const float* x, int n_rows, float* out, After after) {
        in_.prepare(w, x, n_rows);
        const int in_lot = panels_in_lot(w);
        job_.take(phase, thread_, n_lots(w), [&](int lot) {
            const int begin = lot * in_lot, end = std::min(begin + in_lot, n_panels(w));
            multiply(w, begin, end, in_, n_rows, out);
            after(begin, end);
        });
    }

    // Asks for the beginning of this thread's stretch of `w`, so that memory does not wait where threads do.
    void ask_for(const Matrix& w) {
        const int64_t first = job_.first_of(thread_, n_lots(w)) * (int64_t)panels_in_lot(w);
        ask_ahead((const char*)w.panels + first * panel_bytes(w.columns, w.format) - AHEAD, AHEAD);
    }

    static int panels_in_lot(const Matrix& w) {
        return std::max<int64_t>(1, LOT_BYTES / panel_bytes(w.columns, w.format));
    }
    static int n_lots(const Matrix& w) { return (n_panels(w) + panels_in_lot(w) - 1) / panels_in_lot(w); }

    // Of values `from` to `to`: x / (1 + exp(-x)) times what comes up.
    static void gate(float* x, const float* up, int from, int to) {
        int i = from;
        for (; i + LANES <= to; i += LANES) {
            const Floats value = load<Floats>(x + i);
            store(x + i, value / (exponential(value * -1.f) + all(1.f)) * load<Floats>(up + i));
        }
        for (; i < to; i++) x[i] = x[i] / (1 + std::exp(-x[i])) * up[i];
    }

    // The columns of a (n_rows, w.rows) result that these panels made.
    template <class Each>
    void for_each(const Matrix& w, int begin, int end, Each each) {
        for (int row = 0; row < r_.n_rows; row++)
            for (int i = begin * LANES; i < std::min(end * LANES, w.rows); i++) each((int64_t)row * w.rows + i);
    }

    void normalise_x(const float* weight) {
        for (int row = 0; row < r_.n_rows; row++)
            normalise(r_.x + (int64_t)row * s_.dim, weight, s_.dim, s_.norm_eps, &inputs_[(size_t)row * s_.dim]);
    }

    // Each key/value head's new keys and values, and, unless they are all that is wanted, what its queries find.
    void run_heads(const Layer& w, int layer, bool to_memory) {
        normalise_x(w.attention_norm);
        share(5 * layer, w.wqkv, inputs_.data(), r_.n_rows, job_.qkv.data(), [](int, int) {});
        job_.pool.meet();
        if (!to_memory) ask_for(w.wo);
        job_.take(5 * layer + 1, thread_, s_.n_local_heads * r_.n_sequences, [&](int task) {
            const int sequence = task / s_.n_local_heads, head = task % s_.n_local_heads;
            if (r_.cache_format == FP32) attend<Fp32>(w, layer, sequence, head, to_memory);
            else if (r_.cache_format == BF16) attend<Bf16>(w, layer, sequence, head, to_memory);
            else attend<Fp16>(w, layer, sequence, head, to_memory);
        });
    }

    // What the heads found, added to the rows.
    void run_output(const Layer& w, int layer) {
        job_.pool.meet();
        share(5 * layer + 2, w.wo, job_.attended.data(), r_.n_rows, job_.down.data(), [&](int begin, int end) {
            for_each(w.wo, begin, end, [&](int64_t i) { r_.x[i] += job_.down[i]; });
        });
        ask_for(w.w1);
        ask_for(w.w3);
        job_.pool.meet();
    }

    void run_feed_forward(const Layer& w, int layer) {
        normalise_x(w.ffn_norm);
        share(5 * layer + 3, w.w1, inputs_.data(), r_.n_rows, job_.gate.data(), [&](int begin, int end) {
            multiply(w.w3, begin, end, in_, r_.n_rows, job_.up.data());
            for (int row = 0; row < r_.n_rows; row++) {
                const int64_t of_row = (int64_t)row * w.w1.rows;
                gate(&job_.gate[of_row], &job_.up[of_row], begin * LANES, std::min(end * LANES, w.w1.rows));
            }
        });
        ask_for(w.w2);
        job_.pool.meet();
        share(5 * layer + 4, w.w2, job_.gate.data(), r_.n_rows, job_.down.data(), [&](int begin, int end) {
            for_each(w.w2, begin, end, [&](int64_t i) { r_.x[i] += job_.down[i]; });
        });
        ask_for(layer + 1 < s_.n_layer ? s_.layers[layer + 1].wqkv : s_.head);
        job_.pool.meet();
    }

    // One key/value head of one sequence: its new keys and values, then the queries that share it.
    template <class F>
    void attend(const Layer& w, int layer, int sequence, int head, bool to_memory) {
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
        if (to_memory) return;
        for (int row = 0; row < r_.n_rows; row++) {
            if (r_.sequences[row] != sequence) continue;
            float* queries = &job_.qkv[row * width + (int64_t)head * n_shared * c];
            float* out = &job_.attended[((int64_t)row * s_.n_head + head * n_shared) * c];
            for (int q = 0; q < n_shared; q++) turn(queries + (int64_t)q * c, w.q_norm, r_.positions[row]);
            const int n = r_.positions[row] + 1;
            int q = 0;
            for (; q + 2 <= n_shared; q += 2) look<F, 2>(queries + (int64_t)q * c, keys, values, n, out + (int64_t)q * c);
            if (q < n_shared) look<F, 1>(queries + (int64_t)q * c, keys, values, n, out + (int64_t)q * c);
        }
    }

    void turn(float* head, const float* norm, int position) {
        if (norm) normalise(head, norm, s_.head_dim, s_.norm_eps, head);
        const int64_t at = (int64_t)position * (s_.head_dim / 2);
        rotate(head, s_.cos + at, s_.sin + at, s_.head_dim);
    }

    // M queries, side by side, look at the first `n` keys, and take of their values -> out, side by side.
    template <class F, int M>
    void look(const float* queries, const typename F::T* keys, const typename F::T* values, int n, float* out) {
        const int c = s_.head_dim, n_padded = (n + LANES - 1) / LANES * LANES;
        const float scale = 1 / std::sqrt((float)c);
        float sums[M];
        for (int m = 0; m < M; m++) {
            float* scores = &scores_[(size_t)m * n_padded];
            std::fill(scores + n, scores + n_padded, -3e38f);
        }
        for (int p = 0; p < n; p++) {
            const typename F::T* key = keys + (int64_t)p * c;
            ask_ahead(key, c * sizeof *key, CACHE_AHEAD);
            for (int m = 0; m < M; m++)
                scores_[(size_t)m * n_padded + p] = dot<F>(key, queries + (int64_t)m * c, c) * scale;
        }
        for (int m = 0; m < M; m++) sums[m] = soften(&scores_[(size_t)m * n_padded], n_padded);

        constexpr int MANY = 4;  // vectors of channels that are taken in one go through the positions
        int i = 0;
        for (; i + MANY * LANES <= c; i += MANY * LANES) take_values<F, M, MANY>(values, n, n_padded, i, sums, out);
        for (; i + LANES <= c; i += LANES) take_values<F, M, 1>(values, n, n_padded, i, sums, out);
        for (; i < c; i++)
            for (int m = 0; m < M; m++) {
                float mix = 0;
                for (int p = 0; p < n; p++) mix += scores_[(size_t)m * n_padded + p] * F::one(values[(int64_t)p * c + i]);
                out[(int64_t)m * c + i] = mix / sums[m];
            }
    }

    // Scores become weights; returns their sum. `n` is a multiple of LANES.
    static float soften(float* scores, int n) {
        Floats best = load<Floats>(scores);
        for (int p = LANES; p < n; p += LANES) best = larger(best, load<Floats>(scores + p));
        const Floats highest = all(-largest(best));
        Floats sum = {};
        for (int p = 0; p < n; p += LANES) {
            const Floats weights = exponential(load<Floats>(scores + p) + highest);
            store(scores + p, weights);
            sum += weights;
        }
        return total(sum);
    }

    // The channels from `first` on, N vectors of them.
    template <class F, int M, int N>
    void take_values(const typename F::T* values, int n, int n_padded, int first, const float* sums, float* out) {
        const int c = s_.head_dim;
        Floats mix[M][N] = {};
        for (int p = 0; p < n; p++) {
            const typename F::T* row = values + (int64_t)p * c;
            if (first == 0) ask_ahead(row, c * sizeof *row, CACHE_AHEAD);
            for (int v = 0; v < N; v++) {
                const Floats value = F::wide(row + first + v * LANES);
                for (int m = 0; m < M; m++) mix[m][v] += value * scores_[(size_t)m * n_padded + p];
            }
        }
        for (int m = 0; m < M; m++)
            for (int v = 0; v < N; v++) store(out + (int64_t)m * c + first + v * LANES, mix[m][v] * (1 / sums[m]));
    }

    Job& job_;
    const Stack& s_;
    const Run& r_;
    const int thread_;
    std::vector<float> inputs_, scores_;
    Inputs in_;
};

}  // namespace
