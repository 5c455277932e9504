// What the next token is chosen by: the sum and the largest of some 51,865 numbers, eight at a time, where whisper.cpp takes one after
// another. See engine.cmake.
#pragma once

#include <algorithm>
#include <cmath>
#include <cstdint>
#include <cstring>
#include <vector>

typedef float pisar_floats __attribute__((vector_size(32)));
typedef uint32_t pisar_bits __attribute__((vector_size(32)));

static const int PISAR_LANES = 8;

static inline pisar_floats pisar_load(const float * x) {
    pisar_floats loaded;
    std::memcpy(&loaded, x, sizeof(loaded));
    return loaded;
}

// The largest of n numbers, -INFINITY of none.
static inline float pisar_most(const float * x, int n) {
    pisar_floats one = pisar_floats{} - INFINITY, other = one;
    int i = 0;
    for (; i + 2 * PISAR_LANES <= n; i += 2 * PISAR_LANES) {
        const pisar_floats a = pisar_load(x + i), b = pisar_load(x + i + PISAR_LANES);
        one = one < a ? a : one;
        other = other < b ? b : other;
    }
    one = one < other ? other : one;
    float most = -INFINITY;
    for (int lane = 0; lane < PISAR_LANES; lane++) {
        most = std::max(most, one[lane]);
    }
    for (; i < n; i++) {
        most = std::max(most, x[i]);
    }
    return most;
}

// The place of the first of the largest.
static inline int pisar_likeliest(const float * x, int n) {
    const int block = 256;
    int first = 0;
    float most = -INFINITY;
    for (int i = 0; i < n; i += block) {
        const float here = pisar_most(x + i, std::min(block, n - i));
        if (most < here) {
            most = here;
            first = i;
        }
    }
    return std::max_element(x + first, x + std::min(first + block, n)) - x;
}

// e to the power of x, of little more than 0 at most: within 1e-7 of it as a share, 0 below 2^-126.5. By Cephes' expf (S. Moshier).
static inline pisar_floats pisar_exp(pisar_floats x) {
    const pisar_floats least = pisar_floats{} - 88.0f;  // rounds to 2^-127, for which there is no exponent: the power becomes 0
    const float magic = 12582912.0f;  // 1.5 * 2^23: adding it rounds to a whole number, which lies in the low bits then
    x = x < least ? least : x;
    const pisar_floats shifted = x * 1.44269504f + magic, n = shifted - magic;
    const pisar_floats r = x - n * 0.693359375f + n * 2.12194440e-4f;
    pisar_floats p = r * 1.9875691500e-4f + 1.3981999507e-3f;
    p = p * r + 8.3334519073e-3f;
    p = p * r + 4.1665795894e-2f;
    p = p * r + 1.6666665459e-1f;
    p = p * r + 5.0000001201e-1f;
    const pisar_bits power = ((pisar_bits) shifted << 23) + (127u << 23);
    return (p * r * r + r + 1.0f) * (pisar_floats) power;
}

// y = e to the power of each of x less `less`, unless y is null; returns their sum.
static inline float pisar_exps(int n, const float * x, float less, float * y) {
    pisar_floats sums = {};
    int i = 0;
    for (; i + PISAR_LANES <= n; i += PISAR_LANES) {
        const pisar_floats out = pisar_exp(pisar_load(x + i) - less);
        sums += out;
        if (y) {
            std::memcpy(y + i, &out, sizeof(out));
        }
    }
    pisar_floats last = pisar_floats{} - INFINITY;
    std::memcpy(&last, x + i, (n - i) * sizeof(float));
    last = pisar_exp(last - less);
    sums += last;
    if (y) {
        std::memcpy(y + i, &last, (n - i) * sizeof(float));
    }
    float sum = 0.0f;
    for (int lane = 0; lane < PISAR_LANES; lane++) {
        sum += sums[lane];
    }
    return sum;
}

// In place of whisper.cpp's two of these names. What is suppressed is -INFINITY, and stays.
static void whisper_compute_logprobs(const std::vector<float> & logits, const int n, std::vector<float> & logprobs) {
    const float most = pisar_most(logits.data(), n);
    const float sum = most == -INFINITY ? 0.0f : logf(pisar_exps(n, logits.data(), most, nullptr)) + most;
    for (int i = 0; i < n; i++) {
        logprobs[i] = logits[i] - sum;
    }
}

static void whisper_compute_probs(const std::vector<float> &, const int n, const std::vector<float> & logprobs, std::vector<float> & probs) {
    pisar_exps(n, logprobs.data(), 0.0f, probs.data());
}
