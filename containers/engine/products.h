// Products of bytes for ggml's four-bit weights under AVX-512, whose instruction wants one side unsigned. ggml turns signs for every
// pair; here the weights have 128 added when they are looked up, and what that adds is taken off once for each row, where its sum starts.
#if defined(__AVX512BW__) && defined(__AVX512DQ__)
#ifdef __AVX512VNNI__
static inline __m512i pisar_unsigned(__m512i values) {
    return _mm512_xor_si512(values, _mm512_set1_epi8((char) 0x80));
}

static inline __m512i pisar_dot(__m512i sum, __m512i x, __m512i y) {
    return _mm512_dpbusd_epi32(sum, y, x);
}

static inline __m512i pisar_start(__m512i a, __m512i b, __m512i c, __m512i d) {
    const __m512i offset = _mm512_set1_epi8((char) 0x80), zero = _mm512_setzero_si512();
    __m512i added = _mm512_dpbusd_epi32(zero, offset, a);
    added = _mm512_dpbusd_epi32(added, offset, b);
    added = _mm512_dpbusd_epi32(added, offset, c);
    return _mm512_sub_epi32(zero, _mm512_dpbusd_epi32(added, offset, d));
}
#else
// Without that instruction sums of two products are kept in 16 bits, which unsigned weights would overflow: all stays as it is.
static inline __m512i pisar_unsigned(__m512i values) {
    return values;
}

static inline __m512i pisar_dot(__m512i sum, __m512i x, __m512i y) {
    return mul_sum_i8_pairs_acc_int32x16(sum, x, y);
}

static inline __m512i pisar_start(__m512i, __m512i, __m512i, __m512i) {
    return _mm512_setzero_si512();
}
#endif
#define PISAR_START(rows, part) \
    const __m512i start_##rows##_##part = \
        pisar_start(lhs_mat_##rows##_0_##part, lhs_mat_##rows##_1_##part, lhs_mat_##rows##_2_##part, lhs_mat_##rows##_3_##part);
#define PISAR_STARTS PISAR_START(01, sp1) PISAR_START(01, sp2) PISAR_START(23, sp1) PISAR_START(23, sp2)
#endif
