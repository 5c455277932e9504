# How whisper.cpp is built for Pisar: CMake reads this at each project() of pywhispercpp's source, since CMAKE_PROJECT_INCLUDE names it.
#
# ggml gets one library for each CPU level, of which the best that the machine can is loaded at run time (pisar.adapters.ggml): the
# cloud's CPUs are not documented. Places that measuring shows to be slow are replaced by what is in the headers here. A place that
# is not as it was ends the build: with a new version look what became of it, and delete the edit where it is as fast by itself.
# whisper.cpp gets edits besides that are not for its sums: see decoding.h.
set(GGML_NATIVE OFF CACHE BOOL "")
set(GGML_BACKEND_DL ON CACHE BOOL "")
set(GGML_CPU_ALL_VARIANTS ON CACHE BOOL "")
set(GGML_LLAMAFILE ON CACHE BOOL "")
set(GGML_OPENMP ON CACHE BOOL "")
# The extension finds its libraries beside itself.
set(CMAKE_BUILD_WITH_INSTALL_RPATH ON CACHE BOOL "")
set(CMAKE_INSTALL_RPATH "$ORIGIN" CACHE STRING "")

# The levels that are met: AVX2; desktop CPUs that multiply bytes; AVX-512 without that and with it. ggml has eight more, each half a
# minute of compiling and a megabyte. AMX is left out: a virtual machine may say that it has it and end the process at its first use.
set(PISAR_CPU_LEVELS haswell alderlake skylakex cascadelake icelake zen4 CACHE STRING "")

# What is outside the levels, such as the choice of the likeliest token, may take AVX2 for granted too.
if(PROJECT_NAME STREQUAL "pywhispercpp")
  string(APPEND CMAKE_C_FLAGS " -march=x86-64-v3")
  string(APPEND CMAKE_CXX_FLAGS " -march=x86-64-v3")
endif()

# pisar_edit(FILE OLD NEW): OLD, which must be there once, becomes NEW.
function(pisar_edit file old new)
  set(path "${CMAKE_CURRENT_SOURCE_DIR}/src/${file}")
  file(READ "${path}" before)
  string(REPLACE "${old}" "${new}" after "${before}")
  string(LENGTH "${before}" long)
  string(LENGTH "${after}" short)
  string(LENGTH "${old}" from)
  string(LENGTH "${new}" to)
  math(EXPR expected "${long} - ${from} + ${to}")
  if(NOT short EQUAL expected)
    message(FATAL_ERROR "${file} is not the one that containers/engine/engine.cmake edits: '${old}' must be there once")
  endif()
  file(WRITE "${path}" "${after}")
endfunction()

if(PROJECT_NAME STREQUAL "ggml" AND NOT EXISTS "${CMAKE_CURRENT_SOURCE_DIR}/src/ggml-cpu/pisar_attention.h")
  foreach(header attention products)
    configure_file("${CMAKE_CURRENT_LIST_DIR}/${header}.h" "${CMAKE_CURRENT_SOURCE_DIR}/src/ggml-cpu/pisar_${header}.h" COPYONLY)
  endforeach()
  pisar_edit(ggml-cpu/ops.cpp "// ggml_compute_forward_gelu\n" "#include \"pisar_attention.h\"\n// ggml_compute_forward_gelu\n")
  pisar_edit(ggml-cpu/ops.cpp "        ggml_vec_gelu_f32(nc," "        pisar_gelu(nc,")
  pisar_edit(ggml-cpu/ops.cpp "                ggml_vec_max_f32(KV_TILE_SZ, &tile_max, kq_row)" "                tile_max = pisar_most(KV_TILE_SZ, kq_row)")
  pisar_edit(ggml-cpu/ops.cpp "KV_TILE_SZ columns\n            for (int tk = 0;"
             "KV_TILE_SZ columns\n            for (int tk = pisar_pack_keys(k, K_f32, ic, kv_tile, ik2, ik3);")
  pisar_edit(ggml-cpu/ops.cpp "ggml_fp16_to_fp32_row((const ggml_fp16_t *)v_data" "ggml_cpu_fp16_to_fp32((const ggml_fp16_t *)v_data")

  # The product of four-bit weights: its sums begin at pisar_start's values, and its weights are unsigned.
  set(path "${CMAKE_CURRENT_SOURCE_DIR}/src/ggml-cpu/arch/x86/repack.cpp")
  set(repeated "_mm512_inserti32x8(_mm512_castsi256_si512(signextendlut), signextendlut, 1)")
  pisar_edit(ggml-cpu/arch/x86/repack.cpp "${repeated}" "pisar_unsigned(${repeated})")
  set(template "template<typename block_tx8>\nstatic void gemm_q4_b32_8x8_q8_0_lut_avx(")
  pisar_edit(ggml-cpu/arch/x86/repack.cpp "${template}" "#include \"pisar_products.h\"\n${template}")
  file(READ "${path}" text)
  string(FIND "${text}" "${template}" middle)
  string(SUBSTRING "${text}" 0 ${middle} head)
  string(SUBSTRING "${text}" ${middle} -1 tail)
  string(REGEX REPLACE "int32x16\\(zero, lhs_mat_([0-9]+)_3_(sp[12])" "int32x16(start_\\1_\\2, lhs_mat_\\1_3_\\2" tail "${tail}")
  string(REPLACE "mul_sum_i8_pairs_acc_int32x16(" "pisar_dot(" tail "${tail}")
  string(REPLACE "const __m512i zero = _mm512_setzero_epi32();" "PISAR_STARTS" tail "${tail}")
  file(WRITE "${path}" "${head}${tail}")
endif()

# A decoding that loops is given up as soon as it does, unless it is the last, and a run can be stopped within a graph. The spectrogram
# before the model, and the choice of a token after it, are done eight numbers at a time.
if(PROJECT_NAME STREQUAL "whisper.cpp" AND NOT EXISTS "${CMAKE_CURRENT_SOURCE_DIR}/src/pisar_decoding.h")
  foreach(header decoding spectrogram probabilities)
    configure_file("${CMAKE_CURRENT_LIST_DIR}/${header}.h" "${CMAKE_CURRENT_SOURCE_DIR}/src/pisar_${header}.h" COPYONLY)
  endforeach()
  pisar_edit(whisper.cpp "// Cooley-Tukey FFT\n" "#include \"pisar_spectrogram.h\"\n\n// Cooley-Tukey FFT\n")
  pisar_edit(whisper.cpp "        dft(in, N, out);\n" "        pisar_dft::transform(in, N, out);\n")
  set(frames "    // calculate FFT only when fft_in are not all zero\n")
  pisar_edit(whisper.cpp "${frames}" "    const auto bounds = pisar_bounds(filters, mel.n_mel);\n${frames}")
  pisar_edit(whisper.cpp "for (k = 0; k < n_fft - 3; k += 4)" "for (k = bounds[j].first; k < std::min(bounds[j].second, n_fft - 3); k += 4)")
  pisar_edit(whisper.cpp "            for (; k < n_fft; k++) {" "            for (k = n_fft / 4 * 4; k < n_fft; k++) {")
  pisar_edit(whisper.cpp "//\n// ggml helpers\n//\n" "#include \"pisar_decoding.h\"\n\n//\n// ggml helpers\n//\n")
  set(threads "            fn_set_n_threads(backend, n_threads);\n        }\n")
  set(watched "        auto * watch = (ggml_backend_set_abort_callback_t)\n")
  string(APPEND watched "            ggml_backend_reg_get_proc_address(reg, \"ggml_backend_set_abort_callback\");\n")
  string(APPEND watched "        if (watch) {\n            watch(backend, pisar_watch::must_stop, nullptr);\n        }\n")
  pisar_edit(whisper.cpp "${threads}" "${threads}${watched}")
  set(reset "    if (!t || sched_reset) {\n        ggml_backend_sched_reset(sched);\n    }\n")
  pisar_edit(whisper.cpp "${reset}" "${reset}    pisar_watch::throw_on();\n")
  set(clear "    // clear old results\n    auto & result_all = state->result_all;\n")
  pisar_edit(whisper.cpp "${clear}" "    pisar_watch watch(params.abort_callback, params.abort_callback_user_data);\n${clear}")
  set(replaced "[[maybe_unused]] static void replaced_")
  pisar_edit(whisper.cpp "static void whisper_compute_logprobs(" "#include \"pisar_probabilities.h\"\n\n${replaced}logprobs(")
  pisar_edit(whisper.cpp "static void whisper_compute_probs(" "${replaced}probs(")
  pisar_edit(whisper.cpp "*std::max_element(logprobs.begin(), logprobs.begin() + vocab.token_beg)" "pisar_most(logprobs.data(), vocab.token_beg)")
  set(best "    if (best) {\n        for (int i = 0; i < n_logits; ++i) {\n            if (result.p < probs[i]) {")
  set(likeliest "    if (best) {\n        {\n            const int i = pisar_likeliest(probs.data(), n_logits);\n            if (result.p < probs[i]) {")
  pisar_edit(whisper.cpp "${best}" "${likeliest}")
  set(stuck "                    // sometimes, the decoding can get stuck in a repetition loop\n")
  set(loops "                    if (it + 1 < (int) temperatures.size() && pisar_loops(decoder.sequence.tokens, whisper_token_eot(ctx))) {\n")
  pisar_edit(whisper.cpp "${stuck}" "${loops}                        failed = true;\n                        continue;\n                    }\n${stuck}")
endif()

if(PROJECT_NAME STREQUAL "ggml")
  # ggml puts the levels where programs go, and the wheel takes up only what lies beside the extension.
  set(CMAKE_RUNTIME_OUTPUT_DIRECTORY "${CMAKE_LIBRARY_OUTPUT_DIRECTORY}")

  # ggml has no option to leave levels out: its own function for them is wrapped as soon as it is there.
  function(pisar_wrap_levels)
    function(ggml_add_cpu_backend_variant level)
      if(level IN_LIST PISAR_CPU_LEVELS)
        _ggml_add_cpu_backend_variant(${ARGV})
      endif()
    endfunction()
  endfunction()
  macro(add_subdirectory folder)
    _add_subdirectory(${folder} ${ARGN})
    if("${folder}" STREQUAL "ggml-cpu")
      pisar_wrap_levels()
    endif()
  endmacro()
endif()
