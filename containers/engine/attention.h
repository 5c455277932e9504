// Attention's keys, half floats [key][number], laid for its product: floats [number][key], KV keys wide. Eight by eight: ggml's own loop
// takes and lays down one at a time, a quarter of the attention's time. Returns how many keys are laid; those that are left, ggml lays.
#ifdef __F16C__
#include <immintrin.h>

static int pisar_pack_keys(const ggml_tensor * k, float * laid, int64_t first, int keys, int64_t head, int64_t batch) {
    static constexpr int width = ggml_fa_tile_config::KV;
    if (k->type != GGML_TYPE_F16 || k->ne[0] % 8 != 0) {
        return 0;
    }
    int key = 0;
    for (; key + 8 <= keys; key += 8) {
        const char * from = (const char *) k->data + (first + key) * k->nb[1] + head * k->nb[2] + batch * k->nb[3];
        for (int64_t number = 0; number < k->ne[0]; number += 8) {
            __m256 row[8], pair[8];
            for (int one = 0; one < 8; one++) {
                row[one] = _mm256_cvtph_ps(_mm_loadu_si128((const __m128i *) (from + one * k->nb[1] + 2 * number)));
            }
            for (int one = 0; one < 4; one++) {
                pair[2 * one] = _mm256_unpacklo_ps(row[2 * one], row[2 * one + 1]);
                pair[2 * one + 1] = _mm256_unpackhi_ps(row[2 * one], row[2 * one + 1]);
            }
            for (int half = 0; half < 2; half++) {
                const __m256 * four = pair + 4 * half;
                row[4 * half] = _mm256_shuffle_ps(four[0], four[2], 0x44);
                row[4 * half + 1] = _mm256_shuffle_ps(four[0], four[2], 0xee);
                row[4 * half + 2] = _mm256_shuffle_ps(four[1], four[3], 0x44);
                row[4 * half + 3] = _mm256_shuffle_ps(four[1], four[3], 0xee);
            }
            float * to = laid + number * width + key;
            for (int one = 0; one < 4; one++) {
                _mm256_storeu_ps(to + one * width, _mm256_permute2f128_ps(row[one], row[one + 4], 0x20));
                _mm256_storeu_ps(to + (one + 4) * width, _mm256_permute2f128_ps(row[one], row[one + 4], 0x31));
            }
        }
    }
    return key;
}
#else
static int pisar_pack_keys(const ggml_tensor *, float *, int64_t, int, int64_t, int64_t) {
    return 0;
}
#endif

// GELU by its own formula, 16 or 8 at a time: x / (1 + e^-2u) is x/2 (1 + tanh u). ggml takes it from a table of half floats, one at a time.
static void pisar_gelu(int n, float * y, const float * x) {
    int i = 0;
#if defined(__AVX512F__) && defined(__AVX512DQ__)
    for (; i + 16 <= n; i += 16) {
        const __m512 v = _mm512_loadu_ps(x + i), one = _mm512_set1_ps(1.0f);
        const __m512 u = _mm512_mul_ps(v, _mm512_fmadd_ps(_mm512_mul_ps(v, v), _mm512_set1_ps(-2 * 0.79788456f * 0.044715f), _mm512_set1_ps(-2 * 0.79788456f)));
        _mm512_storeu_ps(y + i, _mm512_div_ps(v, _mm512_add_ps(one, ggml_v_expf(u))));
    }
#elif defined(__AVX2__) && defined(__FMA__)
    for (; i + 8 <= n; i += 8) {
        const __m256 v = _mm256_loadu_ps(x + i), one = _mm256_set1_ps(1.0f);
        const __m256 u = _mm256_mul_ps(v, _mm256_fmadd_ps(_mm256_mul_ps(v, v), _mm256_set1_ps(-2 * 0.79788456f * 0.044715f), _mm256_set1_ps(-2 * 0.79788456f)));
        _mm256_storeu_ps(y + i, _mm256_div_ps(v, _mm256_add_ps(one, ggml_v_expf(u))));
    }
#endif
    ggml_vec_gelu_f32(n - i, y + i, x + i);
}

// The largest of n numbers, sixteen lanes side by side; ggml's own loop compares one after another, a third of the attention's time.
static float pisar_most(int n, const float * x) {
    float most[16];
    for (int lane = 0; lane < 16; lane++) {
        most[lane] = -INFINITY;
    }
    int i = 0;
    for (; i + 16 <= n; i += 16) {
        for (int lane = 0; lane < 16; lane++) {
            most[lane] = most[lane] > x[i + lane] ? most[lane] : x[i + lane];
        }
    }
    for (; i < n; i++) {
        most[0] = most[0] > x[i] ? most[0] : x[i];
    }
    for (int lane = 1; lane < 16; lane++) {
        most[0] = most[0] > most[lane] ? most[0] : most[lane];
    }
    return most[0];
}
