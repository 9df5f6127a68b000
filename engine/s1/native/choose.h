// Drawing a code from logits, as sampling.py does (specification section 3, "Sampling"). All threads but one wait for it.

#pragma once

#include "vectors.h"

#include <algorithm>
#include <cstdint>
#include <limits>
#include <vector>

namespace {

struct Settings {  // of a row, as sampling.settings_of makes them
    float temperature, top_p, penalty, to_end;
};

class Chooser {
public:
    // One of `n` tokens, the last of which is the end; `noise` (n) is Exp(1).
    int token(const float* logits, int n, const Settings& s, const float* noise) {
        take(logits, n);
        scores_[n - 1] += s.to_end;
        return draw(n, s, noise);
    }

    // One of `n` codes, of which `previous` (n_previous) become less likely.
    int residual(const float* logits, int n, const int64_t* previous, int n_previous, const Settings& s, const float* noise) {
        take(logits, n);
        for (int i = 0; i < n_previous; i++) {
            const float logit = logits[previous[i]];  // as it was: each once
            scores_[previous[i]] = logit < 0 ? logit * s.penalty : logit / s.penalty;
        }
        return draw(n, s, noise);
    }

private:
    // Whole vectors; what is beyond `n` is never drawn.
    void take(const float* logits, int n) {
        const int n_padded = (n + LANES - 1) / LANES * LANES;
        scores_.assign(n_padded, -std::numeric_limits<float>::infinity());
        std::copy_n(logits, n, scores_.begin());
        weights_.resize(n_padded), ranks_.resize(n_padded);
    }

    // Of those that may be drawn, the one whose probability over its noise is highest.
    int draw(int n, const Settings& s, const float* noise) {
        const float best = highest(scores_);
        const int cut = find_cut(best, s.top_p);
        for (int i = 0; i < (int)scores_.size(); i += LANES) {
            const Floats weights = exponential((load<Floats>(&scores_[i]) + all(-best)) * (1 / s.temperature));
            store(&weights_[i], from(cut, i, weights));
        }
        for (int i = 0; i < n; i++) weights_[i] /= noise[i];
        return (int)(std::find(weights_.begin(), weights_.end(), highest(weights_)) - weights_.begin());
    }

    // From which rank on they may be drawn. A score's rank is an integer, larger where that is. Those that go before it, and
    // itself, must not be likelier than `top_p` together; the best may always be drawn. Of equal ones the first go before.
    int find_cut(float best, float top_p) {
        const int n_padded = (int)scores_.size();
        Floats sums = {};
        for (int i = 0; i < n_padded; i += LANES) {
            const Floats weights = exponential(load<Floats>(&scores_[i]) + all(-best));
            store(&weights_[i], weights);
            sums += weights;
        }
        std::memcpy(ranks_.data(), scores_.data(), n_padded * sizeof(float));
        for (int& rank : ranks_) {
            rank ^= rank >> 31 & 0x7fffffff;
            rank += rank == -1;  // it was -0
        }
        const float most = top_p * total(sums);

        int64_t lowest = std::numeric_limits<int32_t>::min(), cut = std::numeric_limits<int32_t>::max();
        while (lowest < cut) {
            const int64_t middle = lowest + (cut - lowest) / 2;
            if (weight_from((int)middle) <= most) cut = middle;
            else lowest = middle + 1;
        }
        int next = std::numeric_limits<int32_t>::min();
        for (int rank : ranks_) next = std::max(next, rank < cut ? rank : next);
        float kept = weight_from((int)cut);
        bool is_best = kept == 0;
        for (int i = 0; i < n_padded; i++) {  // of those that are equal, the first may still find room
            if (ranks_[i] != next) continue;
            kept += weights_[i];
            if (kept > most && !is_best) break;
            ranks_[i] = (int)cut;
            is_best = false;
        }
        return (int)cut;
    }

    float weight_from(int rank) const {
        Floats sums = {};
        for (int i = 0; i < (int)scores_.size(); i += LANES) sums += from(rank, i, load<Floats>(&weights_[i]));
        return total(sums);
    }

    // Those of `values`, which stand at `i` and after it, that have at least this rank; 0 for the others.
    Floats from(int rank, int i, const Floats& values) const {
        return each_part([&](int part) {
            return load<PartInts>(&ranks_[i + part * PART]) >= rank ? values.part[part] : Part{};
        });
    }

    static float highest(const std::vector<float>& values) {
        Floats most = load<Floats>(&values[0]);
        for (int i = LANES; i < (int)values.size(); i += LANES) most = larger(most, load<Floats>(&values[i]));
        return largest(most);
    }

    std::vector<float> scores_, weights_;
    std::vector<int32_t> ranks_;
};

}  // namespace
