/* Throws random and half-valid datagrams at the compiled inner loop through a real socket, with a pass-through in place of libsrtp.
 * Built by test_engines.py with AddressSanitizer and UndefinedBehaviorSanitizer. Usage: fuzz SEED DATAGRAMS */
#include <arpa/inet.h>
#include <netinet/in.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>
#include "record.h"
#include "inner.h"

static uint64_t state;
static uint32_t draw(uint32_t below) {
    state ^= state << 13; state ^= state >> 7; state ^= state << 17;
    return (uint32_t)(state >> 11) % below;
}

static int pass(void *context, void *data, int *length) {
    (void)context;
    uint8_t sum = 0;
    for (int i = 0; i < *length; i++) sum ^= ((uint8_t *)data)[i];
    *length += 16; /* as a tag would: touches what the buffer must have room for */
    memset((uint8_t *)data + *length - 16, sum, 16);
    return 0;
}

static int open_packet(void *context, void *data, int *length) {
    (void)context; (void)data;
    return draw(50) == 0 || *length < 12;
}

/* The recorder's slow path: anything Python could have done to the numbers meanwhile. */
static dr_stream *stream[3];
static dr_track *track;
static dr_file *file;
static uint64_t slow;
static int ask(dr_event *event) {
    slow++;
    uint8_t sum = 0;
    for (int64_t i = 0; i < event->length; i++) sum ^= event->data[i];
    dr_stream *one = stream[event->id - 1];
    one->is_first = 0;
    one->anchors = one->clock.anchors;
    track->has_video = 1;
    track->file = draw(10) ? file : NULL;
    if (event->kind == 0) {
        one->held = 0;
        one->following = event->sequence + 1;
        if (draw(3) == 0 && one->codec) dr_assembler_hole(one);
        dr_stream_take(one, event->timestamp, event->is_marker, event->data, event->length, event->arrival_ns);
    } else if (draw(3)) {
        one->needs_key = 0;
        one->hole_at = one->dropped_from = -1;
        one->last_ms = one->last_end_ms = (int64_t)draw(100000);
    }
    return sum < 250;
}

int main(int argc, char **argv) {
    state = argc > 1 ? strtoull(argv[1], NULL, 10) * 2654435761u + 1 : 1;
    int total = argc > 2 ? atoi(argv[2]) : 10000;
    int server = socket(AF_INET, SOCK_DGRAM, 0), client = socket(AF_INET, SOCK_DGRAM, 0);
    struct sockaddr_in to = {.sin_family = AF_INET, .sin_addr = {htonl(INADDR_LOOPBACK)}}, from = to;
    socklen_t size = sizeof to;
    bind(server, (struct sockaddr *)&to, sizeof to);
    getsockname(server, (struct sockaddr *)&to, &size);
    bind(client, (struct sockaddr *)&from, sizeof from);
    getsockname(client, (struct sockaddr *)&from, &size);
    dr_engine *engine = dr_engine_new(server, (uint64_t)(uintptr_t)pass, (uint64_t)(uintptr_t)open_packet, (uint64_t)(uintptr_t)pass);
    dr_conn *conn = dr_conn_new(engine, 1);
    conn->rx = conn->tx = 1;
    conn->ip = from.sin_addr.s_addr;
    conn->port = from.sin_port;
    dr_bind(engine, conn->ip, conn->port, conn);
    conn->feedback_sender = 7;
    dr_conn *other = dr_conn_new(engine, 2);
    other->tx = 1;
    other->ip = to.sin_addr.s_addr;
    other->port = htons(9);
    dr_out *second = dr_out_new(30, other, 400);
    dr_disk *disk = dr_disk_new(ask, 1000, 1 << 20);
    file = calloc(1, sizeof *file);
    file->fd = file->first = file->last = -1;
    snprintf(file->path, sizeof file->path, "%s", argc > 3 ? argv[3] : "/dev/null");
    track = calloc(1, sizeof *track);
    track->disk = disk;
    track->segment_ms = 4000;
    dr_seat seat = {.offset = 12.5, .is_known = 1};
    dr_source *source[3];
    dr_out *out[3];
    const int types[3] = {111, 96, 102}, repairs[3] = {-1, 97, 103};
    for (int i = 0; i < 3; i++) {
        source[i] = dr_source_new(10 + i, i, i ? 1024 : 256, i ? 64 << 10 : 16 << 10);
        source[i]->payload_type = types[i];
        source[i]->rtx_type = repairs[i];
        source[i]->is_open = 1;
        source[i]->wants = (uint8_t)i;
        dr_route(conn, 100 + (uint32_t)i, source[i], 0);
        if (i) dr_route(conn, 200 + (uint32_t)i, source[i], 1);
        out[i] = dr_out_new(20 + i, conn, 300 + (uint32_t)i);
        out[i]->waits_for_key = i > 0;
        source[i]->out[0] = out[i];
        source[i]->outs = 1;
        stream[i] = dr_stream_new(i + 1, track);
        stream[i]->codec = i;
        stream[i]->following = stream[i]->observed = stream[i]->last_ms = stream[i]->last_end_ms = -1;
        stream[i]->silence_ms = 3000;
        dr_clock_start(&stream[i]->clock, 1000.0 / (i ? 90000 : 48000), &seat);
        dr_assembler_reset(&stream[i]->assembler);
        source[i]->sink = stream[i];
    }
    source[1]->out[1] = second;
    source[1]->outs = 2;
    uint8_t data[2048], payload[2048];
    uint16_t sequence = 65000;
    uint64_t records = 0;
    for (int n = 0; n < total; n++) {
        int length = (int)draw(draw(4) ? 200 : 2040);
        for (int i = 0; i < length; i++) data[i] = (uint8_t)draw(256);
        if (draw(8) && length >= 16) {
            int which = (int)draw(3), is_rtx = which && !draw(4);
            uint32_t ssrc = (is_rtx ? 200u : 100u) + (uint32_t)which;
            sequence = (uint16_t)(sequence + (draw(20) ? 1 : draw(3000)));
            data[0] = (uint8_t)(0x80 | (draw(3) ? 0 : draw(64)));
            data[1] = (uint8_t)((draw(30) ? (is_rtx ? repairs[which] : types[which]) : (int)draw(128)) | (draw(2) ? 0x80 : 0));
            data[2] = (uint8_t)(sequence >> 8);
            data[3] = (uint8_t)sequence;
            memset(data + 8, 0, 4);
            data[10] = (uint8_t)(ssrc >> 8);
            data[11] = (uint8_t)ssrc;
            if (data[0] & 0x10 && length >= 24 && draw(2)) {
                int at = 12 + (data[0] & 15) * 4;
                if (at + 8 <= length) {
                    data[at] = 0xBE; data[at + 1] = 0xDE; data[at + 2] = 0; data[at + 3] = (uint8_t)draw(4);
                    data[at + 4] = (uint8_t)(draw(6) << 4 | draw(16));
                }
            }
        }
        sendto(client, data, (size_t)length, 0, (struct sockaddr *)&to, sizeof to);
        if (n % 37 == 0 || n == total - 1) {
            while (draw(2) ? dr_work(engine) & 0xFFFF : dr_receive(engine)) {
                dr_record *list;
                int count = dr_records(engine, &list);
                uint8_t *memory = dr_memory(engine), sum = 0;
                for (int i = 0; i < count; i++)
                    for (int j = 0; j < list[i].length; j++) sum ^= memory[list[i].offset + (uint32_t)j];
                records += (uint64_t)count + (sum > 255);
                for (int i = 0; i < count && i < 4; i++) {
                    dr_record found;
                    dr_ring_get(source[draw(3)], list[i].sequence - (int64_t)draw(300), &found, payload);
                }
                dr_clear(engine);
            }
            dr_disk_drain(disk);
            if (draw(4) == 0) dr_clock_report(&stream[draw(3)]->clock, draw(100000), draw(UINT32_MAX), draw(100000));
            if (draw(3) == 0) dr_send_feedback(engine, conn, 1, 2);
            if (draw(2)) dr_send_rtcp(engine, draw(2) ? conn : other, data, (int)draw(1500));
            if (draw(9) == 0) {
                /* Somebody else in the same place, with packets still on their way. */
                dr_conn_free(engine, other);
                other = dr_conn_new(engine, 3 + n);
                other->tx = 1;
                other->ip = to.sin_addr.s_addr;
                other->port = draw(4) ? htons((uint16_t)(9 + draw(2))) : 0; /* where nothing goes */
                second->conn = other;
            }
            if (draw(2)) dr_tick(engine, n, (int)draw(2));
            if (draw(2)) dr_flush(engine);
            int written = dr_feedback(conn, 1, 2, payload, 1400);
            if (written < 0 || written > 1400 || written % 4) return 2;
            while (recv(client, payload, sizeof payload, MSG_DONTWAIT) > 0) {}
        }
        if (draw(500) == 0) {
            dr_push(engine, source[1], sequence, draw(UINT32_MAX), 1, data, (int)draw(2048), n, (int)draw(2));
            if (draw(2)) dr_clear(engine);
        }
        if (draw(2000) == 0) {
            dr_unroute(conn, source[2]);
            dr_route(conn, 102, source[2], 0);
            dr_bind(engine, draw(UINT32_MAX), (uint16_t)draw(65535), conn);
            dr_rebind(engine, conn->ip, conn->port, draw(2) ? conn : other);
            dr_rebind(engine, conn->ip, conn->port, conn);
        }
    }
    dr_disk_drain(disk);
    printf("%llu records, %lld video packets, %llu sent, %llu slow, %lld blocks\n", (unsigned long long)records,
           (long long)source[1]->received, (unsigned long long)conn->packets_out, (unsigned long long)slow, (long long)track->frames);
    for (int i = 0; i < 3; i++) { dr_out_free(out[i]); dr_source_free(source[i]); dr_stream_free(stream[i]); }
    dr_disk_free(disk);
    if (file->fd >= 0) close(file->fd);
    free(file);
    free(track);
    printf("%llu messages for %llu packets\n", (unsigned long long)dr_counter(engine, 5),
           (unsigned long long)(conn->packets_out + other->packets_out));
    dr_out_free(second);
    dr_conn_free(engine, other);
    dr_conn_free(engine, conn);
    dr_engine_free(engine);
    close(server);
    close(client);
    return 0;
}
