// For whisper.cpp itself: loops seen while they are written, and work that can be stopped within a graph. See engine.cmake.
#pragma once

#include "ggml.h"
#include "whisper.h"

#include <algorithm>
#include <exception>
#include <utility>
#include <vector>

// Says whether the text that ends here says one phrase of up to 40 tokens for the fourth time or more, 24 tokens of it together: the
// rule of pisar.domain.transcripts. Marks of time between the phrases are passed over.
template <typename tokens>
static bool pisar_loops(const tokens & said, whisper_token first_mark) {
    std::vector<whisper_token> text;
    for (auto one = said.rbegin(); one != said.rend() && text.size() < 40 * 4; ++one) {
        if (one->id < first_mark) {
            text.push_back(one->id);
        }
    }
    for (size_t phrase = 1; phrase <= 40 && phrase * 4 <= text.size(); ++phrase) {
        const size_t least = std::max<size_t>(24, phrase * 4);
        size_t same = phrase;
        while (same < text.size() && same < least && text[same] == text[same - phrase]) {
            ++same;
        }
        if (same >= least) {
            return true;
        }
    }
    return false;
}

static const int64_t PISAR_LOOK_MS = 20; // who is asked may have to wait for Python's lock

// Lets whoever began a run be asked within a graph too: whisper.cpp asks only between two of them, and an encoder's may take seconds.
// ggml asks in C, through which nothing may be thrown: what is thrown is kept and thrown on after the graph.
struct pisar_watch {
    pisar_watch(ggml_abort_callback ask, void * data) : ask(ask), data(data) { current = this; }
    ~pisar_watch() { current = nullptr; }
    pisar_watch(const pisar_watch &) = delete;
    pisar_watch & operator=(const pisar_watch &) = delete;

    static bool must_stop(void *) {
        pisar_watch * watch = current;
        const int64_t now = ggml_time_ms();
        if (!watch || !watch->ask || now - watch->asked_at < PISAR_LOOK_MS) {
            return false;
        }
        watch->asked_at = now;
        try {
            return watch->ask(watch->data);
        } catch (...) {
            watch->thrown = std::current_exception();
            return true;
        }
    }

    static void throw_on() {
        if (current && current->thrown) {
            std::rethrow_exception(std::exchange(current->thrown, nullptr));
        }
    }

    static thread_local pisar_watch * current;

    ggml_abort_callback ask;
    void * data;
    int64_t asked_at = ggml_time_ms();
    std::exception_ptr thrown;
};

thread_local pisar_watch * pisar_watch::current = nullptr;
