#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include "record.h"

/* media/recorder/depacketise.py in C: VP8 (RFC 7741) and H264 packetisation mode 1 (RFC 6184) into whole encoded frames. */
#define MAX_FRAME (8 << 20)
/* A parameter set takes some ten bytes. Reading one takes a step for each bit, on the loop. */
#define MAX_PARAMETERS 256

static uint32_t get16(const uint8_t *p) { return (uint32_t)p[0] << 8 | p[1]; }

static int add(dr_bytes *to, const uint8_t *data, int64_t length) {
    if (to->used + length > to->room) {
        int64_t room = to->room ? to->room : 16384;
        while (room < to->used + length) room *= 2;
        uint8_t *more = realloc(to->bytes, (size_t)room);
        if (!more) return 0;
        to->bytes = more;
        to->room = room;
    }
    if (length) memcpy(to->bytes + to->used, data, (size_t)length);
    to->used += length;
    return 1;
}

static void start(dr_assembler *a, int64_t timestamp) {
    a->timestamp = timestamp;
    a->parts = 0;
    a->frame[a->filling].used = 0;
    a->size = 0;
    a->has_fragment = a->is_spoiled = a->has_idr = 0;
}

void dr_assembler_reset(dr_assembler *a) {
    a->is_broken = a->is_after_hole = 0;
    a->ready = 0;
    a->picture = -1;
    a->picture_bits = 0;
    a->sps.used = a->pps.used = 0;
    start(a, -1);
}

void dr_assembler_free(dr_assembler *a) {
    free(a->frame[0].bytes);
    free(a->frame[1].bytes);
    free(a->fragment.bytes);
    free(a->sps.bytes);
    free(a->pps.bytes);
}

/* The frame being filled is whole: keep it until the caller has taken it, fill the other one. */
static void finish(dr_assembler *a, int64_t timestamp, int is_key) {
    a->ready_frame[a->ready] = a->filling;
    a->ready_timestamp[a->ready] = timestamp;
    a->ready_length[a->ready] = a->frame[a->filling].used;
    a->ready_is_key[a->ready] = (uint8_t)is_key;
    a->ready++;
    a->filling ^= 1;
    a->frame[a->filling].used = 0;
}

/* VP8 */

static void spoil(dr_assembler *a) {
    a->is_broken = 1;
    a->parts = 0;
    a->size = 0;
    a->frame[a->filling].used = 0;
}

static void vp8_emit(dr_assembler *a) {
    dr_bytes *frame = &a->frame[a->filling];
    a->parts = 0;
    a->size = 0;
    if (!frame->used) return;
    int is_key = !(frame->bytes[0] & 1);
    if (is_key) {
        const uint8_t *p = frame->bytes;
        if (frame->used < 10 || p[3] != 0x9d || p[4] != 0x01 || p[5] != 0x2a || !((p[6] | p[7] << 8) & 0x3FFF) ||
            !((p[8] | p[9] << 8) & 0x3FFF)) {
            a->is_broken = 1;
            frame->used = 0;
            return;
        }
    }
    finish(a, a->timestamp, is_key);
}

static void vp8_push(dr_assembler *a, uint32_t timestamp, int is_marker, const uint8_t *p, int64_t length) {
    int64_t at = 1;
    int picture = -1, bits = 0;
    if (p[0] & 0x80) {
        if (length < 2) { spoil(a); return; }
        uint8_t extension = p[1];
        at = 2;
        if (extension & 0x80) {
            if (length <= at + 1) { spoil(a); return; }
            if (p[at] & 0x80) {
                picture = (int)(get16(p + at) & 0x7FFF);
                bits = 15;
                at += 2;
            } else {
                picture = p[at];
                bits = 7;
                at++;
            }
        }
        at += ((extension & 0x40) != 0) + ((extension & 0x30) != 0);
    }
    if (at >= length) { spoil(a); return; }
    int is_start = (p[0] & 0x10) && !(p[0] & 0x07);
    if (is_start && ((int64_t)timestamp != a->timestamp || !a->parts)) {
        if (a->parts) vp8_emit(a);
        if (a->is_after_hole) {
            int expected = bits ? (a->picture + 1) & ((1 << bits) - 1) : -2;
            if (bits != a->picture_bits || picture != expected) a->is_broken = 1;
            a->is_after_hole = 0;
        }
        a->timestamp = timestamp;
        a->picture = picture;
        a->picture_bits = bits;
    } else if (!a->parts || (int64_t)timestamp != a->timestamp) {
        spoil(a);
        return;
    }
    if (!add(&a->frame[a->filling], p + at, length - at)) { spoil(a); return; }
    a->parts++;
    a->size += length - at;
    if (a->size > MAX_FRAME) spoil(a);
    else if (is_marker) vp8_emit(a);
}

/* H264: access units as length-prefixed NAL units */

static int nal(dr_assembler *a, const uint8_t *p, int64_t length) {
    int kind = p[0] & 0x1F;
    if (kind == 7) {
        if (length < 5 || length > MAX_PARAMETERS) return 0;
        a->sps.used = 0;
        return add(&a->sps, p, length);
    }
    if (kind == 8) {
        if (length > MAX_PARAMETERS) return 0;
        a->pps.used = 0;
        return add(&a->pps, p, length);
    }
    if (kind < 1 || kind > 6) return 1;
    a->has_idr |= kind == 5;
    uint8_t head[4] = {(uint8_t)(length >> 24), (uint8_t)(length >> 16), (uint8_t)(length >> 8), (uint8_t)length};
    if (!add(&a->frame[a->filling], head, 4) || !add(&a->frame[a->filling], p, length)) return 0;
    a->parts++;
    a->size += length;
    return 1;
}

static int h264_take(dr_assembler *a, const uint8_t *p, int64_t length) {
    int kind = p[0] & 0x1F;
    if (kind >= 1 && kind <= 23) return nal(a, p, length);
    if (kind == 24) {
        int64_t at = 1;
        while (at + 2 < length) {
            int64_t size = get16(p + at);
            if (!size || at + 2 + size > length || !nal(a, p + at + 2, size)) return 0;
            at += 2 + size;
        }
        return at == length;
    }
    if (kind == 28 && length > 2) {
        uint8_t head = p[1];
        if (head & 0x80) {
            uint8_t first = (uint8_t)((p[0] & 0xE0) | (head & 0x1F));
            a->fragment.used = 0;
            a->has_fragment = 1;
            if (!add(&a->fragment, &first, 1)) return 0;
        }
        if (!a->has_fragment || !add(&a->fragment, p + 2, length - 2)) return 0;
        if (head & 0x40) {
            a->has_fragment = 0;
            return nal(a, a->fragment.bytes, a->fragment.used);
        }
        return a->fragment.used <= MAX_FRAME;
    }
    return 0;
}

static void h264_emit(dr_stream *stream) {
    dr_assembler *a = &stream->assembler;
    int is_key = a->has_idr, is_spoiled = a->is_spoiled || a->has_fragment, parts = a->parts;
    int64_t timestamp = a->timestamp;
    a->timestamp = -1;
    a->parts = 0;
    a->size = 0;
    a->has_fragment = a->is_spoiled = a->has_idr = 0;
    if (is_spoiled) {
        a->is_broken = 1;
        a->frame[a->filling].used = 0;
        return;
    }
    if (!parts) return;
    if (is_key) {
        dr_event event = {.kind = 5, .id = stream->id};
        if (!a->sps.used || !a->pps.used || dr_stream_slow(stream, &event) != 1) {
            a->is_broken = 1;
            a->frame[a->filling].used = 0;
            return;
        }
    }
    finish(a, timestamp, is_key);
}

static int begins_picture(const uint8_t *p, int64_t length) {
    int kind = p[0] & 0x1F;
    if (kind == 24 && length > 3) kind = p[3] & 0x1F;
    return kind == 7 || kind == 9;
}

static void h264_push(dr_stream *stream, uint32_t timestamp, int is_marker, const uint8_t *p, int64_t length) {
    dr_assembler *a = &stream->assembler;
    int is_same = (int64_t)timestamp == a->timestamp;
    if (!is_same) {
        if (a->parts && !a->is_after_hole) h264_emit(stream);
        start(a, timestamp);
    }
    if (a->is_after_hole) {
        /* The lost packets may have belonged to this picture, unless it visibly begins here. */
        a->is_after_hole = 0;
        a->is_broken = 1;
        if (is_same || !begins_picture(p, length)) a->is_spoiled = 1;
    }
    if (!h264_take(a, p, length) || a->size > MAX_FRAME) {
        a->is_spoiled = 1;
        a->parts = 0;
        a->frame[a->filling].used = 0;
    }
    if (is_marker) h264_emit(stream);
}

void dr_assembler_push(dr_stream *stream, uint32_t timestamp, int is_marker, const uint8_t *payload, int64_t length) {
    if (length < 1) return;
    if (stream->codec == 1) vp8_push(&stream->assembler, timestamp, is_marker, payload, length);
    else h264_push(stream, timestamp, is_marker, payload, length);
}

void dr_assembler_hole(dr_stream *stream) {
    dr_assembler *a = &stream->assembler;
    a->is_after_hole = 1;
    if (stream->codec == 1) {
        if (a->parts) spoil(a);
    } else {
        a->has_fragment = 0;
    }
}
