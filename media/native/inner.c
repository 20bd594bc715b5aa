#define _GNU_SOURCE
#include <arpa/inet.h>
#include <errno.h>
#include <netinet/in.h>
#include <netinet/udp.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <time.h>
#include "record.h"
#include "inner.h"
#include "engine.h"

#define BURSTS 8

/* Engine, connections, streams */

static void ready(dr_engine *engine, int index) {
    engine->rx[index].msg_hdr = (struct msghdr){.msg_name = &engine->rx_from[index], .msg_namelen = sizeof engine->rx_from[index],
                                                .msg_iov = &engine->rx_vec[index], .msg_iovlen = 1,
                                                .msg_control = engine->rx_control[index],
                                                .msg_controllen = sizeof engine->rx_control[index]};
}

dr_engine *dr_engine_new(int fd, uint64_t protect, uint64_t unprotect, uint64_t protect_rtcp) {
    dr_engine *engine = calloc(1, sizeof *engine);
    if (!engine) return NULL;
    engine->memory = malloc(MEMORY);
    engine->tx_memory = malloc((size_t)TX_BATCH * DR_PACKET);
    if (!engine->memory || !engine->tx_memory) { dr_engine_free(engine); return NULL; }
    engine->fd = fd;
    for (int i = 0; i < DR_BATCH; i++) {
        engine->rx_vec[i] = (struct iovec){engine->memory + (size_t)i * DR_PACKET, DR_PACKET};
        ready(engine, i);
    }
    engine->protect = (srtp_fn)(uintptr_t)protect;
    engine->unprotect = (srtp_fn)(uintptr_t)unprotect;
    engine->protect_rtcp = (srtp_fn)(uintptr_t)protect_rtcp;
    int on = 1;
    setsockopt(fd, SOL_SOCKET, SO_TIMESTAMPNS, &on, sizeof on);
    return engine;
}

void dr_engine_free(dr_engine *engine) {
    if (!engine) return;
    free(engine->memory);
    free(engine->tx_memory);
    free(engine);
}

dr_conn *dr_conn_new(dr_engine *engine, int32_t id) {
    dr_conn *conn = calloc(1, sizeof *conn);
    if (!conn) return NULL;
    if (engine) {
        conn->following = engine->conns;
        engine->conns = conn;
    }
    conn->id = id;
    conn->highest_transport = conn->next_transport = -1;
    return conn;
}

static uint32_t hash(uint32_t ip, uint16_t port) { return ((ip ^ ((uint32_t)port << 15 | port)) * 2654435761u) >> 19; }

static dr_conn *find(dr_engine *engine, uint32_t ip, uint16_t port) {
    for (uint32_t at = hash(ip, port) % TABLE;; at = (at + 1) % TABLE) {
        entry *item = &engine->table[at];
        if (!item->conn) return NULL;
        if (item->ip == ip && item->port == port) return item->conn;
    }
}

static void insert(dr_engine *engine, uint32_t ip, uint16_t port, dr_conn *conn, int is_new_welcome) {
    for (uint32_t at = hash(ip, port) % TABLE;; at = (at + 1) % TABLE) {
        entry *item = &engine->table[at];
        if (!item->conn) {
            if (!is_new_welcome || engine->bound >= TABLE / 2) return; /* Python still finds it in its own table */
            engine->bound++;
        } else if (item->ip != ip || item->port != port) {
            continue;
        }
        *item = (entry){ip, port, conn};
        return;
    }
}

void dr_bind(dr_engine *engine, uint32_t ip, uint16_t port, dr_conn *conn) {
    if (engine) insert(engine, ip, port, conn, 1);
}

void dr_rebind(dr_engine *engine, uint32_t ip, uint16_t port, dr_conn *conn) {
    if (engine) insert(engine, ip, port, conn, 0);
}

void dr_conn_free(dr_engine *engine, dr_conn *conn) {
    if (engine) dr_send_queued(engine); /* what waits knows it */
    entry *old = engine ? malloc(sizeof engine->table) : NULL;
    if (engine && !old) { /* Python finds every address in its own table */
        memset(engine->table, 0, sizeof engine->table);
        engine->bound = 0;
    }
    if (old) {
        memcpy(old, engine->table, sizeof engine->table);
        memset(engine->table, 0, sizeof engine->table);
        engine->bound = 0;
        for (int i = 0; i < TABLE; i++)
            if (old[i].conn && old[i].conn != conn) insert(engine, old[i].ip, old[i].port, old[i].conn, 1);
        free(old);
    }
    for (dr_conn **at = engine ? &engine->conns : NULL; at && *at; at = &(*at)->following)
        if (*at == conn) {
            *at = conn->following;
            break;
        }
    free(conn);
}

int dr_route(dr_conn *conn, uint32_t ssrc, dr_source *source, int is_rtx) {
    int at = 0;
    while (at < conn->routes && conn->route_ssrc[at] != ssrc) at++;
    if (at == DR_MAX_ROUTE) return -1;
    conn->route_ssrc[at] = ssrc;
    conn->route_source[at] = source;
    conn->route_is_rtx[at] = (uint8_t)is_rtx;
    if (at == conn->routes) conn->routes++;
    return 0;
}

void dr_unroute(dr_conn *conn, dr_source *source) {
    for (int at = 0; at < conn->routes;) {
        if (conn->route_source[at] != source) { at++; continue; }
        conn->routes--;
        conn->route_ssrc[at] = conn->route_ssrc[conn->routes];
        conn->route_source[at] = conn->route_source[conn->routes];
        conn->route_is_rtx[at] = conn->route_is_rtx[conn->routes];
    }
}

dr_source *dr_source_new(int32_t id, int32_t codec, int32_t slots, uint64_t arena_size) {
    dr_source *source = calloc(1, sizeof *source);
    if (!source) return NULL;
    source->id = id;
    source->codec = codec;
    source->clock_rate = codec == 0 ? 48000 : 90000;
    source->payload_type = source->rtx_type = -1;
    source->level = source->highest = -1;
    source->slots = slots;
    source->arena_size = arena_size;
    source->slot_sequence = malloc((size_t)slots * sizeof *source->slot_sequence);
    source->slot_offset = calloc((size_t)slots, sizeof *source->slot_offset);
    source->slot_arrival = calloc((size_t)slots, sizeof *source->slot_arrival);
    source->slot_timestamp = calloc((size_t)slots, sizeof *source->slot_timestamp);
    source->slot_length = calloc((size_t)slots, sizeof *source->slot_length);
    source->slot_marker = calloc((size_t)slots, sizeof *source->slot_marker);
    source->arena = malloc(arena_size);
    if (!source->slot_sequence || !source->slot_offset || !source->slot_arrival || !source->slot_timestamp ||
        !source->slot_length || !source->slot_marker || !source->arena) {
        dr_source_free(source);
        return NULL;
    }
    for (int32_t i = 0; i < slots; i++) source->slot_sequence[i] = -1;
    return source;
}

void dr_source_free(dr_source *source) {
    if (!source) return;
    free(source->slot_sequence);
    free(source->slot_offset);
    free(source->slot_arrival);
    free(source->slot_timestamp);
    free(source->slot_length);
    free(source->slot_marker);
    free(source->arena);
    free(source);
}

dr_out *dr_out_new(int32_t id, dr_conn *conn, uint32_t ssrc) {
    dr_out *out = calloc(1, sizeof *out);
    if (!out) return NULL;
    out->id = id;
    out->conn = conn;
    out->ssrc = ssrc;
    out->started_at = -1;
    return out;
}

void dr_out_free(dr_out *out) { free(out); }

/* Ring: an arena of payload bytes, the newest overwrite the oldest */

static int ring_holds(const dr_source *source, int64_t sequence) {
    int at = (int)(sequence & (source->slots - 1));
    return source->slot_sequence[at] == sequence && source->slot_offset[at] + source->arena_size >= source->arena_at;
}

static void ring_put(dr_source *source, int64_t sequence, uint32_t timestamp, int is_marker, const uint8_t *payload, int length,
                     int64_t arrival_ns) {
    uint64_t room = source->arena_size - source->arena_at % source->arena_size;
    if (room < (uint64_t)length) source->arena_at += room;
    int at = (int)(sequence & (source->slots - 1));
    source->slot_sequence[at] = sequence;
    source->slot_offset[at] = source->arena_at;
    source->slot_timestamp[at] = timestamp;
    source->slot_length[at] = (uint16_t)length;
    source->slot_marker[at] = (uint8_t)is_marker;
    source->slot_arrival[at] = arrival_ns;
    memcpy(source->arena + source->arena_at % source->arena_size, payload, (size_t)length);
    source->arena_at += (uint64_t)length;
}

int dr_ring_get(dr_source *source, int64_t sequence, dr_record *found, uint8_t *payload) {
    if (sequence < 0 || !ring_holds(source, sequence)) return -1;
    int at = (int)(sequence & (source->slots - 1));
    found->sequence = sequence;
    found->timestamp = source->slot_timestamp[at];
    found->flags = source->slot_marker[at] ? 64 : 0;
    found->length = source->slot_length[at];
    found->arrival_ns = source->slot_arrival[at];
    memcpy(payload, source->arena + source->slot_offset[at] % source->arena_size, found->length);
    return found->length;
}

/* Records */

static dr_record *record(dr_engine *engine) {
    if (engine->record_count == RECORDS) {
        engine->counters[2]++;
        return NULL;
    }
    dr_record *item = &engine->records[engine->record_count++];
    memset(item, 0, sizeof *item);
    return item;
}

int dr_records(dr_engine *engine, dr_record **records) {
    if (!engine) return 0;
    *records = engine->records;
    return engine->record_count;
}

void dr_clear(dr_engine *engine) {
    if (engine) engine->record_count = engine->pushed = 0;
}

uint8_t *dr_memory(dr_engine *engine) { return engine->memory; }

uint64_t dr_counter(dr_engine *engine, int which) { return !engine || which < 0 || which > 5 ? 0 : engine->counters[which]; }

/* Forwarding */

static void forward(dr_engine *engine, dr_source *source, dr_out *out, int64_t sequence, uint32_t timestamp, int is_marker,
                    int is_key, const uint8_t *payload, int length, int64_t arrival_ns) {
    if (out->is_paused) return;
    if (out->started_at < 0) {
        if (out->waits_for_key && !is_key) return;
        out->waits_for_key = 0;
        out->started_at = sequence;
        int64_t elapsed = out->last_ns ? (arrival_ns - out->last_ns) / 1000 * source->clock_rate / 1000000 : 0;
        out->sequence_offset = out->last_sequence + 1 - sequence;
        out->timestamp_offset = (int64_t)out->last_timestamp + (elapsed > 1 ? elapsed : 1) - (int64_t)timestamp;
        dr_record *item = record(engine);
        if (item) {
            item->kind = 3;
            item->id = out->id;
        }
    } else if (sequence < out->started_at) {
        return;
    }
    int64_t number = sequence + out->sequence_offset;
    uint32_t stamp = (uint32_t)((int64_t)timestamp + out->timestamp_offset);
    if (number > out->last_sequence) {
        out->last_sequence = number;
        out->last_timestamp = stamp;
        out->last_ns = arrival_ns;
    }
    dr_conn *conn = out->conn;
    if (!conn->tx || !conn->ip || length + 12 > MAX_LENGTH) return;
    uint8_t *packet = dr_next_packet(engine);
    packet[0] = 0x80;
    packet[1] = (uint8_t)(out->payload_type | (is_marker ? 0x80 : 0));
    put16(packet + 2, (uint32_t)number);
    put32(packet + 4, stamp);
    put32(packet + 8, out->ssrc);
    memcpy(packet + 12, payload, (size_t)length);
    int size = length + 12;
    if (engine->protect((void *)(uintptr_t)conn->tx, packet, &size) != 0) return;
    dr_queue(engine, conn, size);
    out->packets++;
    out->bytes += (uint64_t)(length + 12);
    conn->packets_out++;
}

/* Key frames (RFC 7741, RFC 6184) */

static int vp8_header(const uint8_t *p, int length) {
    if (length < 1) return 0;
    int at = 1;
    if (p[0] & 0x80) {
        if (length < 2) return 0;
        uint8_t flags = p[1];
        at = 2;
        if (flags & 0x80) {
            if (length <= at) return 0;
            at += p[at] & 0x80 ? 2 : 1;
        }
        if (flags & 0x40) at++;
        if (flags & 0x30) at++;
    }
    return at <= length ? at : 0;
}

static int starts_key_frame(int codec, const uint8_t *p, int length) {
    if (codec == 1) {
        int at = vp8_header(p, length);
        return at > 0 && at < length && (p[0] & 0x17) == 0x10 && !(p[at] & 1);
    }
    if (codec != 2 || length < 2) return 0;
    int kind = p[0] & 31;
    if (kind == 24) {
        for (int at = 1; at + 2 <= length;) {
            int size = get16(p + at);
            at += 2;
            if (size == 0 || at + size > length) return 0;
            int inner = p[at] & 31;
            if (inner == 5 || inner == 7) return 1;
            at += size;
        }
        return 0;
    }
    if (kind == 28) return (p[1] & 0x80) && ((p[1] & 31) == 5 || (p[1] & 31) == 7);
    return kind == 5 || kind == 7;
}

/* The tap: several packets in one datagram, each behind its length */

static void tap(dr_engine *engine, dr_source *source, int64_t sequence, uint32_t timestamp, const uint8_t *payload, int length,
                int64_t arrival_ns) {
    int size = 24 + source->tap_tail_length + length;
    if (engine->tap_used + 4 + size > TAP_ROOM) {
        engine->counters[4]++;
        return;
    }
    int64_t elapsed = arrival_ns - source->tap_base_ns, t_ms = elapsed / 1000000 - (elapsed % 1000000 < 0);
    uint8_t *p = engine->tap + engine->tap_used;
    put32(p, (uint32_t)size);
    memcpy(p + 4, "DRT1\1", 5);
    p[9] = source->tap_flags;
    put16(p + 10, 0);
    put16(p + 12, 1);
    put32(p + 14, (uint32_t)((uint64_t)t_ms >> 32));
    put32(p + 18, (uint32_t)t_ms);
    put16(p + 22, (uint32_t)sequence);
    put32(p + 24, timestamp);
    memcpy(p + 28, source->tap_tail, (size_t)source->tap_tail_length);
    memcpy(p + 28 + source->tap_tail_length, payload, (size_t)length);
    engine->tap_used += 4 + size;
    engine->tap_count++;
}

int dr_tap_take(dr_engine *engine, uint8_t **data) {
    if (!engine) return 0;
    int used = engine->tap_used;
    *data = engine->tap;
    engine->tap_taken = engine->tap_count;
    engine->tap_used = engine->tap_count = 0;
    return used;
}

int dr_tap_count(dr_engine *engine) { return engine ? engine->tap_taken : 0; }

/* One packet of a known stream; `offset` says where in the engine's memory the payload lies */

static void take(dr_engine *engine, dr_source *source, uint16_t sequence16, uint32_t timestamp, int is_marker, uint32_t offset,
                 int length, int64_t arrival_ns, int is_repeat) {
    const uint8_t *payload = engine->memory + offset;
    int64_t sequence, first = 0, highest = source->highest;
    int flags = is_marker ? 64 : 0;
    if (highest < 0) {
        sequence = (int64_t)sequence16 + 0x10000;
        source->base = source->highest = sequence;
    } else {
        sequence = highest + (int16_t)(uint16_t)(sequence16 - (uint16_t)highest);
        if (sequence > highest) {
            if (sequence > highest + 1) {
                flags |= 2;
                first = highest + 1;
            }
            source->highest = sequence;
        } else if (highest - sequence >= source->slots) {
            if (highest - sequence < RESET_GAP || is_repeat) return;
            sequence += 0x10000; /* the sender began anew far behind: go on one cycle later, as after an outage */
            flags |= 2;
            first = highest + 1;
            source->highest = sequence;
            /* Streams to clients do not jump with it: SRTP would take them for old ones, and for nothing else from then on. */
            for (int i = 0; i < source->outs; i++) {
                source->out[i]->started_at = -1;
                source->out[i]->waits_for_key = source->codec != 0;
            }
        } else {
            if (source->slot_sequence[sequence & (source->slots - 1)] == sequence) return;
            flags |= 4;
        }
    }
    source->received++;
    source->received_bytes += length + 12;
    source->last_packet_ns = arrival_ns;
    if (!is_repeat) {
        int64_t transit = arrival_ns / 1000 * source->clock_rate / 1000000 - timestamp;
        if (source->has_transit) {
            int32_t difference = (int32_t)(uint32_t)(transit - source->transit);
            double distance = difference < 0 ? -(double)difference : difference;
            if (distance < source->clock_rate * 4.0) source->jitter += (distance - source->jitter) / 16;
        }
        source->transit = transit;
        source->has_transit = 1;
    }
    if (sequence == source->highest) source->last_timestamp = timestamp;
    ring_put(source, sequence, timestamp, is_marker, payload, length, arrival_ns);
    int is_key = source->codec != 0 && starts_key_frame(source->codec, payload, length);
    if (is_key) {
        source->key_frames++;
        source->last_key_frame_ns = arrival_ns;
        source->key_timestamp = timestamp;
        source->has_key = 1;
        flags |= 8;
    }
    if (source->has_key && timestamp == source->key_timestamp) flags |= 16;
    if (!source->is_active) {
        source->is_active = 1;
        flags |= 32;
    }
    if (source->is_open) {
        for (int i = 0; i < source->outs; i++)
            forward(engine, source, source->out[i], sequence, timestamp, is_marker, is_key, payload, length, arrival_ns);
        if (source->is_tapped && length > 0) tap(engine, source, sequence, timestamp, payload, length, arrival_ns);
        if (source->sink) dr_stream_rtp(source->sink, sequence, timestamp, is_marker, payload, length, arrival_ns);
        if (source->wants & 1 || (source->wants & 2 && flags & 16)) flags |= 1;
    }
    if (!(flags & (1 | 2 | 4 | 8 | 32))) return;
    dr_record *item = record(engine);
    if (!item) return;
    item->id = source->id;
    item->flags = (uint8_t)flags;
    item->sequence = sequence;
    item->first = first;
    item->timestamp = timestamp;
    item->arrival_ns = arrival_ns;
    item->offset = offset;
    item->length = (uint16_t)length;
    item->is_repeat = (uint8_t)is_repeat;
}

void dr_push(dr_engine *engine, dr_source *source, uint16_t sequence, uint32_t timestamp, int is_marker, const uint8_t *payload,
             int length, int64_t arrival_ns, int is_repeat) {
    if (!engine || length < 0 || length > MAX_LENGTH || engine->pushed == PUSHED) return;
    uint32_t offset = (uint32_t)(DR_BATCH + engine->pushed++) * DR_PACKET;
    memcpy(engine->memory + offset, payload, (size_t)length);
    take(engine, source, sequence, timestamp, is_marker, offset, length, arrival_ns, is_repeat);
    dr_send_queued(engine);
}

/* Receiving */

static void foreign(dr_engine *engine, int index, int length, int kind, int32_t id, int64_t arrival_ns) {
    dr_record *item = record(engine);
    if (!item) return;
    item->kind = (uint8_t)kind;
    item->id = id;
    item->offset = (uint32_t)index * DR_PACKET;
    item->length = (uint16_t)length;
    item->ip = engine->rx_from[index].sin_addr.s_addr;
    item->port = engine->rx_from[index].sin_port;
    item->arrival_ns = arrival_ns;
}

static void datagram(dr_engine *engine, int index, int length, int64_t arrival_ns) {
    uint8_t *p = engine->memory + (size_t)index * DR_PACKET;
    if (length < 1) return;
    dr_conn *conn = NULL;
    if (length >= 12 && p[0] >= 128 && p[0] <= 191 && !(p[1] >= 192 && p[1] <= 223))
        conn = find(engine, engine->rx_from[index].sin_addr.s_addr, engine->rx_from[index].sin_port);
    if (!conn || !conn->rx) {
        foreign(engine, index, length, 1, 0, arrival_ns);
        return;
    }
    int size = length;
    if (engine->unprotect((void *)(uintptr_t)conn->rx, p, &size) != 0 || size < 12) {
        conn->refused++;
        return;
    }
    conn->packets_in++;
    conn->bytes_in += (uint64_t)length;
    conn->last_received_ns = arrival_ns;
    int at = 12 + (p[0] & 15) * 4, end = size, level = -1;
    int known = -1;
    uint32_t ssrc = get32(p + 8);
    for (int i = 0; i < conn->routes; i++)
        if (conn->route_ssrc[i] == ssrc) known = i;
    dr_source *source = known < 0 ? NULL : conn->route_source[known];
    int is_rtx = known < 0 ? 0 : conn->route_is_rtx[known];
    if (!source || (p[1] & 0x7F) != (is_rtx ? source->rtx_type : source->payload_type)) {
        foreign(engine, index, size, 2, conn->id, arrival_ns);
        return;
    }
    if (p[0] & 0x10) {
        if (at + 4 > size) goto malformed;
        int stop = at + 4 + get16(p + at + 2) * 4;
        if (stop > size) goto malformed;
        if (get16(p + at) == 0xBEDE) {
            for (int e = at + 4; e < stop;) {
                uint8_t head = p[e++];
                if (head == 0) continue;
                int number = head >> 4, inner = (head & 15) + 1;
                if (number == 15 || e + inner > stop) break;
                if (number == 3 && inner >= 2) dr_arrival(conn, get16(p + e), arrival_ns);
                else if (number == 4) level = p[e] & 0x7F;
                e += inner;
            }
        }
        at = stop;
    }
    if (p[0] & 0x20) {
        if (p[size - 1] == 0) goto malformed;
        end = size - p[size - 1];
    }
    if (at > end) goto malformed;
    uint16_t sequence = get16(p + 2);
    if (is_rtx) {
        if (end - at < 2) return; /* a probe of padding */
        sequence = get16(p + at);
        at += 2;
    }
    if (level >= 0) source->level = level;
    take(engine, source, sequence, get32(p + 4), p[1] >> 7, (uint32_t)index * DR_PACKET + (uint32_t)at, end - at, arrival_ns, is_rtx);
    return;
malformed:
    conn->malformed++;
}

int dr_receive(dr_engine *engine) {
    if (!engine) return 0;
    int count = recvmmsg(engine->fd, engine->rx, DR_BATCH, MSG_DONTWAIT, NULL);
    if (count <= 0) {
        dr_send_queued(engine); /* what waited for company */
        return 0;
    }
    int64_t now = dr_now_ns(CLOCK_MONOTONIC), offset = now - dr_now_ns(CLOCK_REALTIME);
    for (int i = 0; i < count; i++) {
        int64_t arrival = now;
        struct cmsghdr *control = CMSG_FIRSTHDR(&engine->rx[i].msg_hdr);
        if (control && control->cmsg_level == SOL_SOCKET && control->cmsg_type == SCM_TIMESTAMPNS) {
            struct timespec at;
            memcpy(&at, CMSG_DATA(control), sizeof at);
            int64_t stamped = (int64_t)at.tv_sec * 1000000000 + at.tv_nsec + offset;
            /* The kernel's stamp, unless the wall clock was stepped in between. */
            if (stamped <= now && now - stamped < 1000000000) arrival = stamped;
        }
        int is_whole = !(engine->rx[i].msg_hdr.msg_flags & MSG_TRUNC);
        ready(engine, i);
        if (is_whole) datagram(engine, i, (int)engine->rx[i].msg_len, arrival);
    }
    dr_send_queued(engine);
    engine->counters[3]++;
    return count;
}

int dr_work(dr_engine *engine) {
    if (!engine) return 0;
    int total = 0, has_more, is_full;
    for (int burst = 0; burst < BURSTS; burst++) {
        int count = dr_receive(engine);
        total += count;
        has_more = count == DR_BATCH;
        is_full = engine->tap_used > TAP_ROOM / 2;
        if (!has_more || is_full || engine->record_count) break;
    }
    return total | has_more << 16 | (engine->record_count > 0) << 17 | is_full << 18;
}
