/* The inner loop of the forwarding plane: receive batch -> unprotect -> order, ring, rewrite for each leg -> protect -> send batch.
 *
 * One engine per worker, used by one thread. Needs record.h before it. Everything that is not plain media of a known stream is handed to Python as a record.
 * The structs are shared with Python by name (media/sfu/state.py has the same fields); build.py feeds this file to cffi.
 */
#define DR_MAX_OUT 8
#define DR_MAX_ROUTE 16
#define DR_ARRIVALS 1024
#define DR_BATCH 64
#define DR_PACKET 2048
#define DR_TAIL 160

typedef struct dr_conn dr_conn;
typedef struct dr_source dr_source;
typedef struct dr_out dr_out;
typedef struct dr_engine dr_engine;

struct dr_conn {
    int32_t id;
    uint32_t ip;   /* network byte order; 0 = none */
    uint16_t port; /* network byte order */
    uint64_t rx, tx; /* libsrtp contexts, 0 until the handshake is done */
    uint64_t packets_in, bytes_in, packets_out, bytes_out, refused, malformed;
    int64_t last_received_ns;
    uint32_t route_ssrc[DR_MAX_ROUTE];
    dr_source *route_source[DR_MAX_ROUTE];
    uint8_t route_is_rtx[DR_MAX_ROUTE];
    int32_t routes;
    int32_t arrivals;
    int64_t arrival_sequence[DR_ARRIVALS];
    int64_t arrival_ns[DR_ARRIVALS];
    int64_t highest_transport, next_transport;
    int32_t feedback_count;
    uint32_t feedback_sender, feedback_media; /* sender 0: no feedback of its own accord */
    int32_t group; /* the message being gathered for it */
    uint8_t sends_alone; /* the way to it takes no message that the kernel cuts */
    dr_conn *following; /* all connections of the engine */
};

struct dr_source {
    int32_t id;
    int32_t codec; /* 0 Opus, 1 VP8, 2 H264 */
    int32_t clock_rate, payload_type, rtx_type;
    uint8_t is_open, is_active, wants;
    int32_t level;
    int64_t highest, base, received, received_bytes, last_packet_ns, last_key_frame_ns, key_frames, transit;
    uint32_t last_timestamp, key_timestamp;
    uint8_t has_transit, has_key;
    double jitter;
    dr_out *out[DR_MAX_OUT];
    int32_t outs;
    uint8_t is_tapped, tap_flags; /* copies of sound for the speech process, as media/taps.py lays them out */
    uint8_t tap_tail[DR_TAIL];
    int32_t tap_tail_length;
    int64_t tap_base_ns;
    dr_stream *sink; /* the recorder's stream when it is compiled too */
    int64_t *slot_sequence;
    uint64_t *slot_offset;
    int64_t *slot_arrival;
    uint32_t *slot_timestamp;
    uint16_t *slot_length;
    uint8_t *slot_marker;
    int32_t slots;
    uint8_t *arena;
    uint64_t arena_size, arena_at;
};

struct dr_out {
    int32_t id;
    dr_conn *conn;
    uint32_t ssrc;
    int32_t payload_type;
    uint8_t is_paused, waits_for_key;
    int64_t started_at, sequence_offset, timestamp_offset, last_sequence, last_ns;
    uint32_t last_timestamp;
    uint64_t packets, bytes;
};

/* A record for Python. kind: 0 media, 1 foreign datagram (from ip, port), 2 plain RTP of an unknown stream, 3 an outgoing stream began.
 * flags of kind 0: 1 deliver, 2 gap (first..sequence missing), 4 late or repeated, 8 key frame begins, 16 part of a key frame,
 * 32 became active, 64 marker. */
typedef struct {
    int64_t sequence, first, arrival_ns;
    uint32_t timestamp, offset, ip;
    int32_t id;
    uint16_t length, port;
    uint8_t kind, flags, is_repeat, pad;
} dr_record;

dr_engine *dr_engine_new(int fd, uint64_t protect, uint64_t unprotect, uint64_t protect_rtcp);
void dr_engine_free(dr_engine *engine);
dr_conn *dr_conn_new(dr_engine *engine, int32_t id);
void dr_conn_free(dr_engine *engine, dr_conn *conn);
void dr_bind(dr_engine *engine, uint32_t ip, uint16_t port, dr_conn *conn);
/* Where the address is known already, it is this connection's now; else nothing. */
void dr_rebind(dr_engine *engine, uint32_t ip, uint16_t port, dr_conn *conn);
int dr_route(dr_conn *conn, uint32_t ssrc, dr_source *source, int is_rtx);
void dr_unroute(dr_conn *conn, dr_source *source);
dr_source *dr_source_new(int32_t id, int32_t codec, int32_t slots, uint64_t arena_size);
void dr_source_free(dr_source *source);
dr_out *dr_out_new(int32_t id, dr_conn *conn, uint32_t ssrc);
void dr_out_free(dr_out *out);
int dr_receive(dr_engine *engine);
/* Bursts until the socket is empty or Python is needed: datagrams | 1 << 16 more wait | 1 << 17 records | 1 << 18 the tap is half full. */
int dr_work(dr_engine *engine);
/* Feedback for a fifth of the connections, sent (held: with the next dr_receive); returns whether the tap holds anything. */
int dr_tick(dr_engine *engine, int turn, int is_held);
void dr_push(dr_engine *engine, dr_source *source, uint16_t sequence, uint32_t timestamp, int is_marker, const uint8_t *payload,
             int length, int64_t arrival_ns, int is_repeat);
int dr_ring_get(dr_source *source, int64_t sequence, dr_record *found, uint8_t *payload);
void dr_arrival(dr_conn *conn, uint16_t sequence, int64_t arrival_ns);
int dr_tap_take(dr_engine *engine, uint8_t **data); /* bytes of the packets for the tap since the last call */
int dr_tap_count(dr_engine *engine);
int dr_send_feedback(dr_engine *engine, dr_conn *conn, uint32_t sender, uint32_t media);
int dr_send_rtcp(dr_engine *engine, dr_conn *conn, const uint8_t *data, int length); /* queued; returns the bytes on the wire */
void dr_flush(dr_engine *engine);
int dr_feedback(dr_conn *conn, uint32_t sender, uint32_t media, uint8_t *packet, int size);
int dr_records(dr_engine *engine, dr_record **records);
void dr_clear(dr_engine *engine);
uint8_t *dr_memory(dr_engine *engine);
uint64_t dr_counter(dr_engine *engine, int which); /* 0 send_full, 1 send_error, 2 records_lost, 3 batches, 4 tap_full, 5 messages */
