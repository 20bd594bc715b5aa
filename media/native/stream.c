#include <math.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include "record.h"
#include "disk.h"

#define CLUSTER_MS 5000
#define MAX_RELATIVE_MS 30000
#define KEY_REPEAT_NS 1000000000
#define MAX_FRAME_MS 200

enum { PACKET, SOUND, PICTURE, LOST, ASK_KEY };

dr_stream *dr_stream_new(int32_t id, dr_track *track) {
    dr_stream *stream = calloc(1, sizeof *stream);
    if (!stream) return NULL;
    stream->id = id;
    stream->track = track;
    return stream;
}

void dr_stream_free(dr_stream *stream) {
    if (!stream) return;
    dr_assembler_free(&stream->assembler);
    free(stream);
}

int dr_stream_slow(dr_stream *stream, dr_event *event) { return dr_disk_call(stream->track->disk, event); }

/* Blocks (RFC 9559 §10): segments.py and ebml.py in C */

static int vint(uint8_t *to, uint64_t value) {
    int length = 1;
    while (value >= ((uint64_t)1 << (7 * length)) - 1) length++;
    value |= (uint64_t)1 << (7 * length);
    for (int i = 0; i < length; i++) to[i] = (uint8_t)(value >> 8 * (length - 1 - i));
    return length;
}

static void block(dr_track *track, int number, int64_t t_ms, const uint8_t *data, int64_t length, int is_key) {
    uint8_t head[48];
    int at = 0;
    int64_t relative = t_ms - track->cluster_ms;
    if (!track->has_cluster || (number == 1 && is_key) || relative >= CLUSTER_MS || relative < -MAX_RELATIVE_MS) {
        static const uint8_t cluster[] = {0x1F, 0x43, 0xB6, 0x75, 0x01, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xE7};
        memcpy(head, cluster, sizeof cluster);
        at = sizeof cluster;
        int size = 1;
        while (size < 8 && t_ms >> 8 * size) size++;
        at += vint(head + at, (uint64_t)size);
        for (int i = size - 1; i >= 0; i--) head[at++] = (uint8_t)(t_ms >> 8 * i);
        track->cluster_ms = t_ms;
        track->has_cluster = 1;
        relative = 0;
    }
    head[at++] = 0xA3;
    at += vint(head + at, (uint64_t)length + 4);
    head[at++] = (uint8_t)(0x80 | number);
    head[at++] = (uint8_t)(relative >> 8);
    head[at++] = (uint8_t)relative;
    head[at++] = is_key ? 0x80 : 0;
    dr_disk_append(track->disk, track->file, head, at, data, length);
    track->frames++;
    if (t_ms < track->start_ms) track->start_ms = t_ms;
}

/* Streams: the common case of stream.py */

static int64_t time_of(dr_stream *stream, uint32_t timestamp) {
    int64_t t_ms = (int64_t)nearbyint(dr_clock_ms(&stream->clock, timestamp));
    if (t_ms < 0) t_ms = 0;
    if (stream->last_ms >= 0 && t_ms <= stream->last_ms) t_ms = stream->last_ms + 1;
    return t_ms;
}

/* RFC 6716 §3.1, in microseconds */
static int64_t opus_us(const uint8_t *p, int64_t length) {
    static const int64_t silk[] = {10000, 20000, 40000, 60000}, celt[] = {2500, 5000, 10000, 20000};
    int config = p[0] >> 3, code = p[0] & 3, count = code == 0 ? 1 : 2;
    int64_t frame = config < 12 ? silk[config & 3] : config < 16 ? silk[config & 1] : celt[config & 3];
    if (code == 3) count = length > 1 ? p[1] & 0x3F : 0;
    return frame * count <= 120000 ? frame * count : 0;
}

static int is_audio_cut_due(const dr_track *track, int64_t t_ms) {
    if (t_ms - track->start_ms < track->segment_ms) return 0;
    return !track->has_video || t_ms - track->last_video_ms >= 2 * (int64_t)track->segment_ms;
}

static void sound(dr_stream *stream, uint32_t timestamp, const uint8_t *data, int64_t length, int64_t arrival_ns) {
    dr_track *track = stream->track;
    int64_t t_ms = time_of(stream, timestamp), duration = opus_us(data, length);
    int64_t missing = stream->last_end_ms >= 0 ? t_ms - stream->last_end_ms : 0;
    if (!duration || stream->is_first || stream->anchors != stream->clock.anchors || (missing > 2 && stream->has_hole) ||
        missing >= stream->silence_ms || !track->file || track->file->error || is_audio_cut_due(track, t_ms) ||
        dr_disk_is_stuffed(track->disk)) {
        dr_event event = {.kind = SOUND, .id = stream->id, .timestamp = timestamp, .arrival_ns = arrival_ns, .length = length,
                          .data = (uint8_t *)data};
        dr_stream_slow(stream, &event);
        return;
    }
    stream->has_hole = 0;
    stream->pause_ns = 0;
    stream->last_ms = t_ms;
    stream->last_end_ms = (int64_t)nearbyint((double)t_ms + (double)duration / 1000.0);
    block(track, 2, t_ms, data, length, 1);
    if (stream->last_end_ms > track->end_ms) track->end_ms = stream->last_end_ms;
}

static void picture(dr_stream *stream, uint32_t timestamp, const uint8_t *data, int64_t length, int is_key) {
    dr_track *track = stream->track;
    int64_t t_ms = time_of(stream, timestamp);
    if (is_key || stream->is_first || stream->needs_key || stream->hole_at >= 0 || stream->dropped_from >= 0 || track->has_failed ||
        stream->anchors != stream->clock.anchors || !track->file || !track->has_video || track->file->error ||
        dr_disk_is_full(track->disk) || stream->last_ms < 0 || t_ms - stream->last_end_ms >= stream->silence_ms) {
        dr_event event = {.kind = PICTURE, .id = stream->id, .timestamp = timestamp, .is_key = (uint8_t)is_key, .length = length,
                          .data = (uint8_t *)data};
        dr_stream_slow(stream, &event);
        return;
    }
    if (t_ms - stream->last_ms < MAX_FRAME_MS) stream->frame_ms = t_ms - stream->last_ms;
    stream->has_hole = 0;
    stream->pause_ns = 0;
    int64_t end_ms = t_ms + stream->frame_ms;
    block(track, 1, t_ms, data, length, 0);
    if (end_ms > track->end_ms) track->end_ms = end_ms;
    track->last_video_ms = t_ms;
    stream->last_ms = t_ms;
    stream->last_end_ms = end_ms;
    if (track->end_ms - track->start_ms >= track->segment_ms && stream->last_arrival - stream->key_asked_ns >= KEY_REPEAT_NS) {
        dr_event event = {.kind = ASK_KEY, .id = stream->id, .arrival_ns = stream->last_arrival};
        dr_stream_slow(stream, &event);
    }
}

void dr_stream_take(dr_stream *stream, uint32_t timestamp, int is_marker, const uint8_t *payload, int64_t length, int64_t arrival_ns) {
    if (stream->last_arrival && arrival_ns - stream->last_arrival > stream->pause_ns)
        stream->pause_ns = arrival_ns - stream->last_arrival;
    if (arrival_ns > stream->last_arrival) stream->last_arrival = arrival_ns;
    if (stream->codec == 0) {
        if (length > 0) sound(stream, timestamp, payload, length, arrival_ns);
        return;
    }
    dr_assembler *a = &stream->assembler;
    dr_assembler_push(stream, timestamp, is_marker, payload, length);
    if (a->is_broken) {
        a->is_broken = 0;
        dr_event event = {.kind = LOST, .id = stream->id, .arrival_ns = arrival_ns};
        dr_stream_slow(stream, &event);
    }
    int ready = a->ready;
    a->ready = 0;
    for (int i = 0; i < ready; i++) {
        const uint8_t *data = a->frame[a->ready_frame[i]].bytes;
        picture(stream, (uint32_t)a->ready_timestamp[i], data, a->ready_length[i], a->ready_is_key[i]);
    }
}

void dr_stream_rtp(dr_stream *stream, int64_t sequence, uint32_t timestamp, int is_marker, const uint8_t *payload, int64_t length,
                   int64_t arrival_ns) {
    if (stream->is_closed) return;
    if (length > 0 && (int64_t)timestamp != stream->observed) {
        stream->observed = timestamp;
        dr_clock_observe(&stream->clock, timestamp, (double)(arrival_ns - stream->started_ns) / 1e6);
    }
    if (sequence == stream->following && !stream->held) {
        stream->following = sequence + 1;
        dr_stream_take(stream, timestamp, is_marker, payload, length, arrival_ns);
        return;
    }
    dr_event event = {.kind = PACKET, .id = stream->id, .timestamp = timestamp, .is_marker = is_marker != 0, .sequence = sequence,
                      .arrival_ns = arrival_ns, .length = length, .data = (uint8_t *)payload};
    dr_stream_slow(stream, &event);
}
