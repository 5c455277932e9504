// The spectrogram that whisper.cpp makes of the samples, by the same sums in the same order, of which the compiler can do eight at a time.
// See engine.cmake.
#pragma once

#include <utility>
#include <vector>

// The 25 values that are left of a frame's 400 when they have been halved four times: the sums of whisper.cpp's dft in its order, but
// for all frequencies at once, with the factors in a row where it looks each up by a remainder.
struct pisar_dft {
    static const int N = 25;
    float re[N][N], im[N][N];

    pisar_dft() {
        for (int n = 0; n < N; n++) {
            for (int k = 0; k < N; k++) {
                const int idx = (k * n * (SIN_COS_N_COUNT / N)) % SIN_COS_N_COUNT;
                re[n][k] = global_cache.cos_vals[idx];
                im[n][k] = global_cache.sin_vals[idx];
            }
        }
    }

    static void transform(const float * in, int n_in, float * out) {
        static const pisar_dft factors;
        if (n_in != N) {
            dft(in, n_in, out);
            return;
        }
        float re[N] = {}, im[N] = {};
        for (int n = 0; n < N; n++) {
            for (int k = 0; k < N; k++) {
                re[k] += in[n] * factors.re[n][k];
                im[k] -= in[n] * factors.im[n][k];
            }
        }
        for (int k = 0; k < N; k++) {
            out[2 * k] = re[k];
            out[2 * k + 1] = im[k];
        }
    }
};

// Where each filter begins and ends, in whole steps of four frequencies: all but a few of its 201 factors are zero.
static std::vector<std::pair<int, int>> pisar_bounds(const whisper_filters & filters, int n_mel) {
    std::vector<std::pair<int, int>> bounds;
    for (int j = 0; j < n_mel; j++) {
        const float * factors = filters.data.data() + j * filters.n_fft;
        int first = 0, end = filters.n_fft;
        while (first < end && factors[first] == 0.0f) {
            first++;
        }
        while (end > first && factors[end - 1] == 0.0f) {
            end--;
        }
        bounds.emplace_back(first / 4 * 4, end);
    }
    return bounds;
}
