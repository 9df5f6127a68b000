// Threads that wait for work, and meet at barriers in the middle of it.

#pragma once

#include <atomic>
#include <condition_variable>
#include <cstdint>
#include <mutex>
#include <thread>
#include <vector>
#if defined(__x86_64__)
#include <immintrin.h>
#endif

#if defined(_WIN32)
#define LECTERN_EXPORT __declspec(dllexport)
#else
#define LECTERN_EXPORT
#endif

namespace {

// Threads that wait a moment between two calls, spinning, and then sleep.
class Pool {
public:
    explicit Pool(int n) : n_threads(n) {
        for (int i = 1; i < n; i++) threads_.emplace_back([this, i] { work(i); });
    }
    ~Pool() {
        start([](void*, int) {}, nullptr, true);
        for (auto& thread : threads_) thread.join();
    }
    void run(void (*job)(void*, int), void* argument) {
        start(job, argument, false);
        job(argument, 0);
        for (int spins = 0; n_busy_.load(std::memory_order_acquire); spins++) pause(spins);
    }
    void meet() {  // a barrier for the threads of a run
        const uint32_t round = round_.load(std::memory_order_acquire);
        if (n_arrived_.fetch_add(1, std::memory_order_acq_rel) == n_threads - 1) {
            n_arrived_.store(0, std::memory_order_relaxed);
            round_.store(round + 1, std::memory_order_release);
        } else {
            for (int spins = 0; round_.load(std::memory_order_acquire) == round; spins++) pause(spins);
        }
    }
    const int n_threads;

private:
    static void pause(int spins) {
#if defined(__x86_64__)
        _mm_pause();
#elif defined(__aarch64__)
        __asm__ volatile("isb");  // takes about as long; what is meant for waiting (yield) takes no time at all
#endif
        if (spins > 2000) std::this_thread::yield();  // another program has this thread's core
    }
    void start(void (*job)(void*, int), void* argument, bool is_over) {
        job_ = job, argument_ = argument, is_over_ = is_over;
        n_busy_.store(n_threads - 1, std::memory_order_relaxed);
        {
            std::lock_guard<std::mutex> lock(mutex_);
            generation_.fetch_add(1, std::memory_order_release);
        }
        wake_.notify_all();
    }
    void work(int index) {
        uint32_t seen = 0;
        while (true) {
            for (int spins = 0; spins < 4000 && generation_.load(std::memory_order_acquire) == seen; spins++) pause(spins);
            if (generation_.load(std::memory_order_acquire) == seen) {
                std::unique_lock<std::mutex> lock(mutex_);
                wake_.wait(lock, [&] { return generation_.load(std::memory_order_acquire) != seen; });
            }
            seen++;
            if (is_over_) return;
            job_(argument_, index);
            n_busy_.fetch_sub(1, std::memory_order_release);
        }
    }
    std::vector<std::thread> threads_;
    std::mutex mutex_;
    std::condition_variable wake_;
    std::atomic<uint32_t> generation_{0}, round_{0};
    std::atomic<int> n_busy_{0}, n_arrived_{0};
    void (*job_)(void*, int) = nullptr;
    void* argument_ = nullptr;
    bool is_over_ = false;
};

}  // namespace
