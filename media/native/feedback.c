#include <stdint.h>
#include <string.h>
#include "record.h"
#include "inner.h"

static uint16_t get16(const uint8_t *p) { return (uint16_t)(p[0] << 8 | p[1]); }
static void put16(uint8_t *p, uint32_t v) { p[0] = (uint8_t)(v >> 8); p[1] = (uint8_t)v; }
static void put32(uint8_t *p, uint32_t v) { put16(p, v >> 16); put16(p + 2, v); }

/* Transport-wide feedback (draft-holmer-rmcat-transport-wide-cc-extensions-01 §3.1) */

void dr_arrival(dr_conn *conn, uint16_t sequence, int64_t arrival_ns) {
    int64_t full = conn->highest_transport < 0
                       ? (int64_t)sequence + 0x10000
                       : conn->highest_transport + (int16_t)(uint16_t)(sequence - (uint16_t)conn->highest_transport);
    if (full > conn->highest_transport) conn->highest_transport = full;
    if (conn->arrivals == DR_ARRIVALS) return;
    int at = conn->arrivals;
    while (at > 0 && conn->arrival_sequence[at - 1] > full) at--;
    if (at > 0 && conn->arrival_sequence[at - 1] == full) return;
    size_t behind = (size_t)(conn->arrivals - at) * sizeof(int64_t);
    memmove(conn->arrival_sequence + at + 1, conn->arrival_sequence + at, behind);
    memmove(conn->arrival_ns + at + 1, conn->arrival_ns + at, behind);
    conn->arrival_sequence[at] = full;
    conn->arrival_ns[at] = arrival_ns;
    conn->arrivals++;
}

int dr_feedback(dr_conn *conn, uint32_t sender, uint32_t media, uint8_t *packet, int size) {
    int count = conn->arrivals;
    if (count == 0) return 0;
    conn->arrivals = 0;
    int64_t base = conn->arrival_sequence[0], last = conn->arrival_sequence[count - 1];
    if (conn->next_transport >= 0 && conn->next_transport < base && last - conn->next_transport < 1000) base = conn->next_transport;
    conn->next_transport = last + 1;
    int64_t total = last + 1 - base;
    if (total > 2000 || size < 20 + total / 7 * 2 + 2 + count * 2 + 4) return 0;
    int64_t reference = conn->arrival_ns[0] / 64000000, clock = reference * 64000000;
    put32(packet + 4, sender);
    put32(packet + 8, media);
    put16(packet + 12, (uint32_t)base);
    put16(packet + 14, (uint32_t)total);
    put32(packet + 16, ((uint32_t)reference & 0xFFFFFF) << 8 | (uint32_t)(conn->feedback_count++ & 0xFF));
    int chunks = (int)((total + 6) / 7), at = 20 + chunks * 2;
    memset(packet + 20, 0, (size_t)chunks * 2);
    int64_t number = 0;
    for (int i = 0; i < count; i++) {
        number = conn->arrival_sequence[i] - base;
        int64_t delta = conn->arrival_ns[i] - clock;
        delta = (delta + (delta >= 0 ? 125000 : -125000)) / 250000;
        int symbol = 1;
        if (delta >= 0 && delta <= 255) {
            packet[at++] = (uint8_t)delta;
        } else {
            if (delta > 32767) delta = 32767;
            if (delta < -32768) delta = -32768;
            put16(packet + at, (uint32_t)(uint16_t)(int16_t)delta);
            at += 2;
            symbol = 2;
        }
        clock += delta * 250000;
        int shift = 12 - 2 * (int)(number % 7);
        uint8_t *chunk = packet + 20 + number / 7 * 2;
        put16(chunk, get16(chunk) | (uint32_t)symbol << shift);
    }
    for (int i = 0; i < chunks; i++) packet[20 + i * 2] |= 0xC0;
    while (at % 4) packet[at++] = 0;
    packet[0] = 0x8F;
    packet[1] = 205;
    put16(packet + 2, (uint32_t)(at / 4 - 1));
    return at;
}
