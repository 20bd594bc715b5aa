#define _GNU_SOURCE
#include <errno.h>
#include <netinet/in.h>
#include <netinet/udp.h>
#include <stdint.h>
#include <string.h>
#include <sys/socket.h>
#include <time.h>
#include "record.h"
#include "inner.h"
#include "engine.h"

/* Packets of one size to one client leave as one message that the kernel, or the network card, cuts (UDP_SEGMENT). */
#ifndef UDP_SEGMENT
#define UDP_SEGMENT 103
#endif
#define SEGMENTS 48
#define MESSAGE 60000

/* What did not leave in one message: each packet alone. Returns 0 when the socket is full. */
static int send_alone(dr_engine *engine, const struct msghdr *head) {
    for (size_t i = 0; i < head->msg_iovlen; i++) {
        const struct iovec *one = &head->msg_iov[i];
        while (sendto(engine->fd, one->iov_base, one->iov_len, MSG_DONTWAIT, head->msg_name, head->msg_namelen) < 0) {
            if (errno == EINTR) continue;
            if (errno == EAGAIN || errno == EWOULDBLOCK || errno == ENOBUFS) {
                engine->counters[0] += head->msg_iovlen - i;
                return 0;
            }
            engine->counters[1]++;
            break;
        }
    }
    return 1;
}

void dr_send_queued(dr_engine *engine) {
    int count = engine->group_count, at = 0, used = 0;
    for (int i = 0; i < count; i++) {
        group *one = &engine->groups[i];
        struct msghdr *head = &engine->tx[i].msg_hdr;
        engine->tx_to[i] = (struct sockaddr_in){.sin_family = AF_INET, .sin_port = one->port, .sin_addr = {one->ip}};
        *head = (struct msghdr){.msg_name = &engine->tx_to[i], .msg_namelen = sizeof engine->tx_to[i],
                                .msg_iov = &engine->tx_vec[used], .msg_iovlen = (size_t)one->count};
        for (int slot = one->first; slot >= 0; slot = engine->tx_next[slot])
            engine->tx_vec[used++] = (struct iovec){engine->tx_memory + (size_t)slot * DR_PACKET, (size_t)engine->tx_size[slot]};
        if (one->count == 1) continue;
        head->msg_control = engine->tx_control[i].bytes;
        head->msg_controllen = sizeof engine->tx_control[i].bytes;
        struct cmsghdr *control = CMSG_FIRSTHDR(head);
        *control = (struct cmsghdr){.cmsg_level = SOL_UDP, .cmsg_type = UDP_SEGMENT, .cmsg_len = CMSG_LEN(sizeof(uint16_t))};
        uint16_t size = (uint16_t)one->size;
        memcpy(CMSG_DATA(control), &size, sizeof size);
    }
    while (at < count) {
        int sent = sendmmsg(engine->fd, engine->tx + at, (unsigned)(count - at), MSG_DONTWAIT);
        if (sent > 0) {
            at += sent;
        } else if (errno == EINTR) {
            continue;
        } else if (errno == EAGAIN || errno == EWOULDBLOCK || errno == ENOBUFS) {
            break;
        } else if (engine->groups[at].count > 1) {
            /* Not on the way to this client (a tunnel, packets larger than it takes): never again, for the others as before. */
            if (errno == EIO || errno == EINVAL || errno == ENOPROTOOPT) engine->groups[at].conn->sends_alone = 1;
            int is_sent = send_alone(engine, &engine->tx[at++].msg_hdr);
            if (!is_sent) break;
        } else {
            engine->counters[1]++;
            at++;
        }
    }
    engine->counters[5] += (uint64_t)count;
    for (; at < count; at++) engine->counters[0] += (uint64_t)engine->groups[at].count;
    engine->tx_count = engine->group_count = 0;
}

/* The packet lies in the next slot of `tx_memory`. */
void dr_queue(dr_engine *engine, dr_conn *conn, int size) {
    int slot = engine->tx_count++;
    engine->tx_size[slot] = size;
    engine->tx_next[slot] = -1;
    conn->bytes_out += (uint64_t)size;
    group *one = &engine->groups[conn->group];
    if (!conn->sends_alone && conn->group < engine->group_count && one->conn == conn && one->ip == conn->ip &&
        one->port == conn->port && !one->is_closed && size <= one->size && one->count < SEGMENTS && one->total + size <= MESSAGE) {
        engine->tx_next[one->last] = slot;
        one->last = slot;
        one->count++;
        one->total += size;
        one->is_closed = size < one->size;
        return;
    }
    conn->group = engine->group_count++;
    engine->groups[conn->group] = (group){.conn = conn, .ip = conn->ip, .port = conn->port, .first = slot, .last = slot, .count = 1,
                                          .size = size, .total = size};
}

/* Where the next packet to send is built */
uint8_t *dr_next_packet(dr_engine *engine) {
    if (engine->tx_count == TX_BATCH) dr_send_queued(engine);
    return engine->tx_memory + (size_t)engine->tx_count * DR_PACKET;
}

void dr_flush(dr_engine *engine) {
    if (engine) dr_send_queued(engine);
}

int dr_send_feedback(dr_engine *engine, dr_conn *conn, uint32_t sender, uint32_t media) {
    if (!engine || !conn->tx || !conn->ip) return 0;
    uint8_t *packet = dr_next_packet(engine);
    int size = dr_feedback(conn, sender, media, packet, 1400);
    if (size <= 0 || engine->protect_rtcp((void *)(uintptr_t)conn->tx, packet, &size) != 0) return 0;
    dr_queue(engine, conn, size);
    return size;
}

int dr_send_rtcp(dr_engine *engine, dr_conn *conn, const uint8_t *data, int length) {
    if (!engine || !conn->tx || !conn->ip || length < 8 || length > MAX_LENGTH) return 0;
    uint8_t *packet = dr_next_packet(engine);
    memcpy(packet, data, (size_t)length);
    int size = length;
    if (engine->protect_rtcp((void *)(uintptr_t)conn->tx, packet, &size) != 0) return 0;
    dr_queue(engine, conn, size);
    return size;
}

int dr_tick(dr_engine *engine, int turn, int is_held) {
    if (!engine) return 0;
    for (dr_conn *conn = engine->conns; conn; conn = conn->following)
        if (conn->arrivals && conn->feedback_sender && ((uint32_t)turn + (uint32_t)conn->id) % 5 == 0)
            dr_send_feedback(engine, conn, conn->feedback_sender, conn->feedback_media);
    if (!is_held) dr_send_queued(engine);
    return engine->tap_used > 0;
}
