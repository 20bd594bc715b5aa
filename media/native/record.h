/* The recorder's inner loop: packets of a stream in order -> whole frames -> session time -> Matroska blocks -> appended to files.
 *
 * The common case runs here; everything unusual (a first packet, a hole, a key frame, a jump of time) is handed to Python at once
 * through `dr_slow_fn`, which works on the same numbers: media/recorder/state.py has fields of the same names. The behaviour is that of
 * media/recorder/{stream,depacketise,clock,segments}.py, and tests/media/test_recorder_engines.py holds both to the same bytes.
 */
#define DR_PATH 1024

typedef struct dr_disk dr_disk;
typedef struct dr_stream dr_stream;

typedef struct {
    int32_t fd, error; /* -1 until the first block; errno of the write that failed */
    uint8_t is_told;
    int64_t size;
    int32_t first, last; /* the writer's chain of parts */
    char path[DR_PATH];
} dr_file;

typedef struct {
    double offset; /* session ms minus the sender's NTP ms */
    uint8_t is_known;
} dr_seat;

typedef struct {
    double per_tick, shift, first_arrival, last_arrival, oldest, newer, bucket_start, apart_since;
    double report_ntp, early_ntp, early_arrival;
    int64_t last_ts, newest, report_ticks;
    uint32_t early_ts;
    int32_t anchors;
    uint8_t has_last, is_anchored, has_report, has_early, is_apart;
    dr_seat *seat;
} dr_clock;

typedef struct {
    dr_disk *disk;
    dr_file *file; /* NULL while no segment is open */
    uint8_t has_video, has_cluster, has_failed;
    int32_t segment_ms;
    int64_t start_ms, end_ms, cluster_ms, last_video_ms, frames;
} dr_track;

typedef struct { uint8_t *bytes; int64_t used, room; } dr_bytes;

typedef struct {
    int64_t timestamp; /* -1 between pictures */
    int32_t parts, picture, picture_bits;
    int64_t size;
    uint8_t is_broken, is_after_hole, is_spoiled, has_idr, has_fragment;
    uint8_t filling; /* which of the two frames is being filled */
    int32_t ready;
    dr_bytes frame[2], fragment, sps, pps;
    int64_t ready_timestamp[2], ready_length[2];
    uint8_t ready_is_key[2], ready_frame[2];
} dr_assembler;

struct dr_stream {
    int32_t id, codec; /* 0 Opus, 1 VP8, 2 H264 */
    uint8_t is_closed, is_first, needs_key, has_hole;
    int32_t held, anchors;
    int64_t started_ns, following, observed, last_arrival, pause_ns, key_asked_ns;
    int64_t last_ms, last_end_ms, hole_at, dropped_from, dropped_to, frame_ms, silence_ms;
    dr_clock clock;
    dr_track *track;
    dr_assembler assembler;
};

/* What Python is called for. PACKET: out of order; FORMAT: can this H264 key frame be described (answer 1); the others: see stream.py. */
typedef struct {
    int32_t kind; /* 0 PACKET, 1 SOUND, 2 PICTURE, 3 LOST, 4 ASK_KEY, 5 FORMAT */
    int32_t id;
    uint32_t timestamp;
    uint8_t is_marker, is_key;
    int64_t sequence, arrival_ns, length;
    uint8_t *data;
} dr_event;
typedef int (*dr_slow_fn)(dr_event *event);

dr_disk *dr_disk_new(dr_slow_fn slow, int64_t linger_ns, int64_t max_backlog);
void dr_disk_free(dr_disk *disk);
void dr_disk_append(dr_disk *disk, dr_file *file, const uint8_t *head, int64_t head_length, const uint8_t *data, int64_t length);
void dr_disk_poke(dr_disk *disk);
int dr_disk_run(dr_disk *disk, int64_t timeout_ns); /* writes what comes; returns 1 when poked, 2 when a write failed, 0 after the time */
void dr_disk_ahead(const int32_t *fds, int32_t count); /* begin to write these files out, without waiting */
int dr_disk_drain(dr_disk *disk); /* number of writes that failed */
int64_t dr_disk_backlog(dr_disk *disk);
int64_t dr_disk_written(dr_disk *disk);

void dr_clock_start(dr_clock *clock, double per_tick, dr_seat *seat);
void dr_clock_reset(dr_clock *clock);
double dr_clock_ms(dr_clock *clock, uint32_t timestamp);
void dr_clock_observe(dr_clock *clock, uint32_t timestamp, double arrival_ms);
void dr_clock_report(dr_clock *clock, double ntp_ms, uint32_t timestamp, double arrival_ms);

void dr_assembler_reset(dr_assembler *assembler);
void dr_assembler_free(dr_assembler *assembler);
void dr_assembler_push(dr_stream *stream, uint32_t timestamp, int is_marker, const uint8_t *payload, int64_t length);
void dr_assembler_hole(dr_stream *stream);

dr_stream *dr_stream_new(int32_t id, dr_track *track);
void dr_stream_free(dr_stream *stream);
void dr_stream_rtp(dr_stream *stream, int64_t sequence, uint32_t timestamp, int is_marker, const uint8_t *payload, int64_t length,
                   int64_t arrival_ns);
void dr_stream_take(dr_stream *stream, uint32_t timestamp, int is_marker, const uint8_t *payload, int64_t length, int64_t arrival_ns);
int dr_stream_slow(dr_stream *stream, dr_event *event);
