/* Shared by inner.c and send.c only. */
#define TX_BATCH 128
#define RECORDS 4096
#define TAP_ROOM 60000
#define TABLE 8192
#define MAX_LENGTH (DR_PACKET - 160)
#define RESET_GAP 20000
/* Payloads that Python pushes (prompts, learned streams) are copied behind the receive buffers, so that a record can point at them. */
#define PUSHED 256
#define MEMORY ((DR_BATCH + PUSHED) * DR_PACKET)

typedef int (*srtp_fn)(void *, void *, int *);
typedef struct { uint32_t ip; uint16_t port; dr_conn *conn; } entry;
/* Packets for one client in order, all of the first one's size but perhaps the last. */
typedef struct { dr_conn *conn; uint32_t ip; uint16_t port, is_closed; int first, last, count, size, total; } group;

struct dr_engine {
    int fd;
    srtp_fn protect, unprotect, protect_rtcp;
    uint8_t *memory;
    int pushed;
    struct mmsghdr rx[DR_BATCH];
    struct iovec rx_vec[DR_BATCH];
    struct sockaddr_in rx_from[DR_BATCH];
    uint8_t rx_control[DR_BATCH][64];
    uint8_t *tx_memory;
    struct mmsghdr tx[TX_BATCH];
    struct iovec tx_vec[TX_BATCH];
    struct sockaddr_in tx_to[TX_BATCH];
    union { uint8_t bytes[CMSG_SPACE(sizeof(uint16_t))]; struct cmsghdr align; } tx_control[TX_BATCH];
    int tx_size[TX_BATCH], tx_next[TX_BATCH];
    group groups[TX_BATCH];
    int tx_count, group_count;
    dr_conn *conns;
    dr_record records[RECORDS];
    int record_count;
    uint8_t tap[TAP_ROOM];
    int tap_used, tap_count, tap_taken;
    entry table[TABLE];
    int bound;
    uint64_t counters[6];
};

static inline int64_t dr_now_ns(clockid_t clock) {
    struct timespec at;
    clock_gettime(clock, &at);
    return (int64_t)at.tv_sec * 1000000000 + at.tv_nsec;
}

static inline uint16_t get16(const uint8_t *p) { return (uint16_t)(p[0] << 8 | p[1]); }
static inline uint32_t get32(const uint8_t *p) { return (uint32_t)p[0] << 24 | (uint32_t)p[1] << 16 | (uint32_t)p[2] << 8 | p[3]; }
static inline void put16(uint8_t *p, uint32_t v) { p[0] = (uint8_t)(v >> 8); p[1] = (uint8_t)v; }
static inline void put32(uint8_t *p, uint32_t v) { put16(p, v >> 16); put16(p + 2, v); }

/* send.c: packets are built in the next slot, queued, and leave together. */
uint8_t *dr_next_packet(dr_engine *engine);
void dr_queue(dr_engine *engine, dr_conn *conn, int size);
void dr_send_queued(dr_engine *engine);
