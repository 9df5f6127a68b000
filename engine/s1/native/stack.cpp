// The dual-AR transformer on a CPU, as fast as memory delivers its weights: a stack's layers over new positions, and a
// frame's codes, each drawn from what the one before led to. Weights may be fp32, bf16, fp16, int8 (a scale per
// row) or int4 (a scale and a zero per 32).
//
// Plain C interface, no dependency, C++17 with the vector extensions of GCC and Clang. kernels.py beside this file has
// the same structures. Shapes there.

#include "choose.h"
#include "layers.h"

namespace {

constexpr int MAX_ROWS = 64;  // new positions in one call, for which weights are read once

}  // namespace

extern "C" {

struct Embeddings {       // what a row's column becomes, for the slow stack: a token's embedding, and its codes' if it is speech
    const void *tokens, *codes;  // (n_ids, dim), (n_codebooks * codebook_size, dim), in `format`
    int32_t format, n_ids, codebook_size, first_speech, n_speech;  // the ids that are speech
    float scale;          // of speech
};

struct Frame {            // of the first rows of n_sequences
    int64_t* columns;         // (n_rows, n_places + 2): a token and its codes, in and out
    int64_t* positions;       // (n_rows): where those stand, in and out
    int64_t* history;         // (n_rows, n_places, window): codes that are to become less likely, in and out
    int64_t* said;            // (n_rows, n_places + 2), out: the codes, and 1 from the end of speech on
    const Settings* settings; // (n_rows)
    const float* token_noise; // (n_rows, slow head.rows)
    const float* noise;       // (n_rows, n_places, fast head.rows)
    float* token_logits;      // (n_rows, slow head.rows), out
    float* logits;            // (n_places, n_rows, fast head.rows), out
    void* memory;             // (slow n_layer, 2, n_sequences, n_local_heads, max_positions, head_dim)
    void* fast_memory;        // (fast n_layer, 2, n_rows, n_local_heads, n_places + 1, head_dim)
    const void* fast_embeddings;  // (codebook_size, fast dim), in the embeddings' format
    Embeddings embeddings;
    int32_t n_rows, n_places, window, n_sequences, max_positions, memory_format;
};

struct Unpacked {          // (rows, columns), row by row
    const void* data;      // int4: as `pack_int4` says
    const uint16_t* scales;  // int4 alone
    int32_t rows, columns, format;
};

}  // extern "C"

namespace {

// A frame for several rows, in one go: from the columns before it to its codes. Position 0 of the fast stack has no output of
// its own, so that it runs together with position 1.
class FrameJob {
public:
    FrameJob(const Stack& slow, const Stack& fast, const Frame& f, Pool& pool)
        : f_(f), pool_(pool), n_tokens_(slow.head.rows), n_logits_(fast.head.rows), slow_dim_(slow.dim), dim_(fast.dim),
          hidden_((size_t)f.n_rows * slow_dim_), inputs_((size_t)f.n_rows * dim_), x_((size_t)2 * f.n_rows * dim_),
          sequences_(2 * f.n_rows), positions_(2 * f.n_rows), each_(f.n_rows), seconds_(f.n_rows),
          slow_(slow, slow_run(), pool), fast_(fast, first_run(), pool) {}

    void work(int thread) {
        Chooser chooser;
        for_rows(thread, [&](int row) { with_format([&](auto format) { embed_column(format, row); }); });
        {
            Worker worker(slow_, thread);
            worker.run_layers();
            worker.make_input(fast_.stack, inputs_.data());
            worker.run_head();
            pool_.meet();
        }
        for_rows(thread, [&](int row) { choose_token(chooser, row); });
        Worker worker(fast_, thread);
        for (int place = 0; place < f_.n_places && !is_over(); place++) {
            worker.run_layers();
            worker.run_head();
            pool_.meet();
            if (thread == 0) prepare_run(place + 1);
            for_rows(thread, [&](int row) { choose_residual(chooser, place, row); });
        }
        if (thread == 0)
            for (int row = 0; row < f_.n_rows; row++) advance(row);
    }

private:
    // Each row by one thread; then all meet.
    template <class Each>
    void for_rows(int thread, Each each) {
        for (int row = thread; row < f_.n_rows; row += pool_.n_threads) each(row);
        pool_.meet();
    }

    Run slow_run() {
        for (int row = 0; row < f_.n_rows; row++) each_[row] = row;
        return {hidden_.data(), each_.data(), f_.positions, f_.memory, f_.token_logits, each_.data(), f_.n_rows, f_.n_sequences,
                f_.max_positions, f_.memory_format, f_.n_rows, 0};
    }

    Run first_run() {
        for (int row = 0; row < f_.n_rows; row++) {
            seconds_[row] = 2 * row + 1;
            for (int i = 0; i < 2; i++) sequences_[2 * row + i] = row, positions_[2 * row + i] = i;
        }
        return {x_.data(), sequences_.data(), positions_.data(), f_.fast_memory, f_.logits, seconds_.data(), 2 * f_.n_rows,
                f_.n_rows, f_.n_places + 1, f_.memory_format, f_.n_rows, 0};
    }

    void prepare_run(int place) {
        for (int row = 0; row < f_.n_rows; row++) sequences_[row] = row, positions_[row] = place + 1;
        fast_.run.n_rows = f_.n_rows;
        fast_.run.logit_rows = each_.data();
        fast_.run.logits = f_.logits + (int64_t)place * f_.n_rows * n_logits_;
        fast_.begin_again();
    }

    int64_t* said(int row) { return f_.said + (int64_t)row * (f_.n_places + 2); }

    bool is_over() {
        for (int row = 0; row < f_.n_rows; row++)
            if (!said(row)[1 + f_.n_places]) return false;
        return true;
    }

    void choose_token(Chooser& chooser, int row) {
        const int64_t at = (int64_t)row * n_tokens_;
        const int token = chooser.token(f_.token_logits + at, n_tokens_, f_.settings[row], f_.token_noise + at);
        said(row)[0] = std::min(token, n_tokens_ - 2);  // what follows the end is never heard, but may be computed
        if (token == n_tokens_ - 1) said(row)[1 + f_.n_places] = 1;
        std::copy_n(&inputs_[(size_t)row * dim_], dim_, &x_[(size_t)2 * row * dim_]);
        embed(said(row)[0], 2 * row + 1);
    }

    void choose_residual(Chooser& chooser, int place, int row) {
        const float* logits = f_.logits + ((int64_t)place * f_.n_rows + row) * n_logits_;
        const int64_t at = (int64_t)row * f_.n_places + place;
        said(row)[1 + place] = chooser.residual(logits, n_logits_, f_.history + at * f_.window, f_.window, f_.settings[row],
                                                f_.noise + at * n_logits_);
        embed(said(row)[1 + place], row);
    }

    // What the row has said is what it reads next.
    void advance(int row) {
        int64_t* column = f_.columns + (int64_t)row * (f_.n_places + 2);
        column[0] = f_.embeddings.first_speech + said(row)[0];
        std::copy_n(said(row), f_.n_places + 1, column + 1);
        for (int place = 0; place < f_.n_places; place++) {
            int64_t* history = f_.history + ((int64_t)row * f_.n_places + place) * f_.window;
            std::copy(history + 1, history + f_.window, history);
            history[f_.window - 1] = said(row)[1 + place];
        }
        f_.positions[row] = std::min<int64_t>(f_.positions[row] + 1, f_.max_positions - 1);
    }

    template <class Use>
    void with_format(Use use) {
        if (f_.embeddings.format == FP32) use(Fp32());
        else if (f_.embeddings.format == BF16) use(Bf16());
        else use(Fp16());
    }

    void embed(int64_t code, int row) {
        with_format([&](auto format) {
            typedef decltype(format) F;
            const auto* from = (const typename F::T*)f_.fast_embeddings + code * dim_;
            for (int i = 0; i < dim_; i++) x_[(size_t)row * dim_ + i] = F::one(from[i]);
        });
    }

    template <class F>
    void embed_column(F, int row) {
        const Embeddings& e = f_.embeddings;
        const int64_t* column = f_.columns + (int64_t)row * (f_.n_places + 2);
        float* x = &hidden_[(size_t)row * slow_dim_];
        const auto* token = (const typename F::T*)e.tokens + column[0] * slow_dim_;
        const bool is_speech = column[0] >= e.first_speech && column[0] < e.first_speech + e.n_speech;
        std::fill_n(x, slow_dim_, 0.f);
        for (int place = 0; is_speech && place <= f_.n_places; place++) {
            const auto* code = (const typename F::T*)e.codes + (place * (int64_t)e.codebook_size + column[1 + place]) * slow_dim_;
            for (int i = 0; i < slow_dim_; i++) x[i] += F::one(code[i]);
        }
        for (int i = 0; i < slow_dim_; i++) x[i] = (x[i] + F::one(token[i])) * (is_speech ? e.scale : 1);
    }

    const Frame& f_;
    Pool& pool_;
    const int n_tokens_, n_logits_, slow_dim_, dim_;
    std::vector<float> hidden_, inputs_, x_;
    std::vector<int64_t> sequences_, positions_, each_, seconds_;  // the last two: the rows whose logits are wanted
    Job slow_, fast_;
};

struct Packing {
    const Unpacked& from;
    const Matrix& to;
    Pool& pool;
    void work(int thread) {
        for (int panel = thread; panel < n_panels(to); panel += pool.n_threads) {
            if (from.format == FP32) pack_plain((const uint32_t*)from.data, from.rows, from.columns, panel, (uint32_t*)to.panels);
            else if (from.format == INT8) pack_int8((const int8_t*)from.data, from.rows, from.columns, panel, (uint8_t*)to.panels);
            else if (from.format == INT4)
                pack_int4((const uint8_t*)from.data, from.scales, from.rows, from.columns, panel, (uint32_t*)to.panels);
            else pack_plain((const uint16_t*)from.data, from.rows, from.columns, panel, (uint16_t*)to.panels);
        }
    }
};

template <class Work>
void run_all(void* pool, Work& work) {
    ((Pool*)pool)->run([](void* work, int thread) { ((Work*)work)->work(thread); }, &work);
}

struct Once {
    Job& job;
    void work(int thread) {
        Worker worker(job, thread);
        worker.run_layers();
        worker.run_head();
    }
};

}  // namespace

extern "C" {

LECTERN_EXPORT void* lectern_open_pool(int n_threads) { return new Pool(n_threads); }

LECTERN_EXPORT void lectern_close_pool(void* pool) { delete (Pool*)pool; }

LECTERN_EXPORT int lectern_max_rows() { return MAX_ROWS; }

LECTERN_EXPORT int lectern_rows_are_independent() { return chains(1) == chains(MAX_VECTORS); }

LECTERN_EXPORT int64_t lectern_panels_bytes(int rows, int columns, int format) {
    return n_panels({nullptr, nullptr, nullptr, rows, columns, format}) * panel_bytes(columns, format);
}

LECTERN_EXPORT void lectern_pack(void* pool, const Unpacked* from, const Matrix* to) {
    Packing packing{*from, *to, *(Pool*)pool};
    run_all(pool, packing);
}

LECTERN_EXPORT void lectern_run(void* pool, const Stack* stack, const Run* run) {
    Job job(*stack, *run, *(Pool*)pool);
    Once once{job};
    run_all(pool, once);
}

LECTERN_EXPORT void lectern_frame(void* pool, const Stack* slow, const Stack* fast, const Frame* frame) {
    FrameJob job(*slow, *fast, *frame, *(Pool*)pool);
    run_all(pool, job);
}

}  // extern "C"
