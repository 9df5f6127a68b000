// Drawing a code from logits, as sampling.py does (specification section 3, "Sampling").

#pragma once

#include <algorithm>
#include <cmath>
#include <cstdint>
#include <vector>

namespace {

struct Settings {  // of a row, as sampling.settings_of makes them
    float temperature, top_p, penalty, to_end;
};

class Chooser {
public:
    // One of `n` tokens, the last of which is the end; `noise` (n) is Exp(1).
    int token(const float* logits, int n, const Settings& s, const float* noise) {
        scores_.assign(logits, logits + n);
        scores_[n - 1] += s.to_end;
        return draw(s, noise);
    }

    // One of `n` codes, of which `previous` (n_previous) become less likely.
    int residual(const float* logits, int n, const int64_t* previous, int n_previous, const Settings& s, const float* noise) {
        scores_.assign(logits, logits + n);
        for (int i = 0; i < n_previous; i++) {
            const float logit = logits[previous[i]];  // as it was: each once
            scores_[previous[i]] = logit < 0 ? logit * s.penalty : logit / s.penalty;
        }
        return draw(s, noise);
    }

private:
    int draw(const Settings& s, const float* noise) {
        const int n = (int)scores_.size();
        order_.resize(n);
        for (int i = 0; i < n; i++) order_[i] = i;
        const auto is_later = [this](int a, int b) {  // of equal ones the first go last
            return scores_[a] < scores_[b] || (scores_[a] == scores_[b] && a > b);
        };
        std::make_heap(order_.begin(), order_.end(), is_later);
        const float best = scores_[order_[0]];
        float sum = 0;
        for (int i = 0; i < n; i++) sum += std::exp(scores_[i] - best);

        int chosen = order_[0];
        float highest = -1, cumulative = 0;
        for (int left = n; left > 0; left--) {
            const int i = order_[0];
            cumulative += std::exp(scores_[i] - best) / sum;
            if (cumulative > s.top_p && left < n) break;  // the best stays
            const float score = std::exp((scores_[i] - best) / s.temperature) / noise[i];
            if (score > highest || (score == highest && i < chosen)) highest = score, chosen = i;
            std::pop_heap(order_.begin(), order_.begin() + left, is_later);
        }
        return chosen;
    }

    std::vector<float> scores_;
    std::vector<int> order_;
};

}  // namespace
