#define _GNU_SOURCE
#include <errno.h>
#include <fcntl.h>
#include <pthread.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <sys/uio.h>
#include <time.h>
#include <unistd.h>
#include "record.h"
#include "disk.h"

/* The loop hands blocks over and never waits; one thread appends them. A block that waits longer than this is written by the loop
 * itself, unless the writer is inside a write. */
#define STARVED_NS 24000000
#define VECTORS 256
#define SOUND_BACKLOGS 4 /* as in writer.py */

typedef struct { dr_file *file; int64_t at, length; int32_t next; } part;
typedef struct { uint8_t *bytes; int64_t used, room; part *parts; int32_t count, space; } batch;

struct dr_disk {
    pthread_mutex_t lock, turn;
    pthread_cond_t wake;
    batch in, out;
    int64_t oldest_ns, linger_ns, max_backlog, backlog, written;
    int is_poked, is_waiting, failures;
    dr_slow_fn slow;
};

static int64_t now_ns(void) {
    struct timespec at;
    clock_gettime(CLOCK_MONOTONIC, &at);
    return (int64_t)at.tv_sec * 1000000000 + at.tv_nsec;
}

dr_disk *dr_disk_new(dr_slow_fn slow, int64_t linger_ns, int64_t max_backlog) {
    dr_disk *disk = calloc(1, sizeof *disk);
    if (!disk) return NULL;
    pthread_condattr_t clock;
    pthread_condattr_init(&clock);
    pthread_condattr_setclock(&clock, CLOCK_MONOTONIC);
    pthread_cond_init(&disk->wake, &clock);
    pthread_condattr_destroy(&clock);
    pthread_mutex_init(&disk->lock, NULL);
    pthread_mutex_init(&disk->turn, NULL);
    disk->slow = slow;
    disk->linger_ns = linger_ns;
    disk->max_backlog = max_backlog;
    return disk;
}

void dr_disk_free(dr_disk *disk) {
    if (!disk) return;
    pthread_cond_destroy(&disk->wake);
    pthread_mutex_destroy(&disk->lock);
    pthread_mutex_destroy(&disk->turn);
    free(disk->in.bytes);
    free(disk->in.parts);
    free(disk->out.bytes);
    free(disk->out.parts);
    free(disk);
}

/* What the files hold goes out together, so that the first fdatasync of them waits for one commit and the others find it done. */
void dr_disk_ahead(const int32_t *fds, int32_t count) {
    for (int32_t i = 0; i < count; i++)
        if (sync_file_range(fds[i], 0, 0, SYNC_FILE_RANGE_WRITE) < 0) return; /* not here: fdatasync does it all */
}

int dr_disk_is_full(dr_disk *disk) { return __atomic_load_n(&disk->backlog, __ATOMIC_RELAXED) > disk->max_backlog; }

int dr_disk_is_stuffed(dr_disk *disk) {
    return __atomic_load_n(&disk->backlog, __ATOMIC_RELAXED) > SOUND_BACKLOGS * disk->max_backlog;
}

int64_t dr_disk_backlog(dr_disk *disk) { return __atomic_load_n(&disk->backlog, __ATOMIC_RELAXED); }

int64_t dr_disk_written(dr_disk *disk) { return __atomic_load_n(&disk->written, __ATOMIC_RELAXED); }

int dr_disk_call(dr_disk *disk, dr_event *event) { return disk->slow ? disk->slow(event) : 0; }

static int grow(void **memory, int64_t wanted, int64_t *room, size_t each) {
    if (wanted <= *room) return 1;
    int64_t size = *room ? *room : 4096;
    while (size < wanted) size *= 2;
    void *more = realloc(*memory, (size_t)size * each);
    if (!more) return 0;
    *memory = more;
    *room = size;
    return 1;
}

static void write_file(dr_disk *disk, dr_file *file) {
    batch *out = &disk->out;
    if (file->fd < 0 && !file->error) {
        file->fd = open(file->path, O_RDWR | O_CREAT | O_EXCL | O_APPEND | O_CLOEXEC, 0640);
        if (file->fd < 0) file->error = errno;
    }
    int32_t next = file->first;
    while (next >= 0 && !file->error) {
        struct iovec vector[VECTORS];
        int count = 0;
        int64_t total = 0;
        for (; next >= 0 && count < VECTORS; next = out->parts[next].next) {
            part *item = &out->parts[next];
            uint8_t *bytes = out->bytes + item->at;
            if (count && (uint8_t *)vector[count - 1].iov_base + vector[count - 1].iov_len == bytes)
                vector[count - 1].iov_len += (size_t)item->length;
            else
                vector[count++] = (struct iovec){bytes, (size_t)item->length};
            total += item->length;
        }
        for (int at = 0; total > 0;) {
            ssize_t done = writev(file->fd, vector + at, count - at);
            if (done < 0) {
                if (errno == EINTR) continue;
                file->error = errno;
                if (ftruncate(file->fd, file->size) < 0) { /* the reader stops at the last whole block */ }
                break;
            }
            total -= done;
            __atomic_store_n(&file->size, file->size + done, __ATOMIC_RELEASE);
            while (at < count && (size_t)done >= vector[at].iov_len) done -= (ssize_t)vector[at++].iov_len;
            if (at < count) {
                vector[at].iov_base = (uint8_t *)vector[at].iov_base + done;
                vector[at].iov_len -= (size_t)done;
            }
        }
    }
    if (file->error && !file->is_told) disk->failures++;
    file->first = file->last = -1;
}

/* With `turn` held: write everything handed over so far, file by file in order. */
static int drain(dr_disk *disk) {
    pthread_mutex_lock(&disk->lock);
    batch swap = disk->in;
    disk->in = disk->out;
    disk->out = swap;
    pthread_mutex_unlock(&disk->lock);
    batch *out = &disk->out;
    for (int32_t i = 0; i < out->count; i++) {
        dr_file *file = out->parts[i].file;
        out->parts[i].next = -1;
        if (file->first < 0) file->first = i;
        else out->parts[file->last].next = i;
        file->last = i;
    }
    disk->failures = 0;
    for (int32_t i = 0; i < out->count; i++)
        if (out->parts[i].file->first == i) write_file(disk, out->parts[i].file);
    __atomic_sub_fetch(&disk->backlog, out->used, __ATOMIC_RELAXED);
    __atomic_add_fetch(&disk->written, out->used, __ATOMIC_RELAXED);
    out->used = 0;
    out->count = 0;
    return disk->failures;
}

int dr_disk_drain(dr_disk *disk) {
    pthread_mutex_lock(&disk->turn);
    int failures = drain(disk);
    pthread_mutex_unlock(&disk->turn);
    return failures;
}

void dr_disk_append(dr_disk *disk, dr_file *file, const uint8_t *head, int64_t head_length, const uint8_t *data, int64_t length) {
    int64_t now = now_ns();
    pthread_mutex_lock(&disk->lock);
    batch *in = &disk->in;
    int64_t space = in->space;
    if (!grow((void **)&in->bytes, in->used + head_length + length, &in->room, 1) ||
        !grow((void **)&in->parts, in->count + 1, &space, sizeof *in->parts)) {
        file->error = file->error ? file->error : ENOMEM;
        pthread_mutex_unlock(&disk->lock);
        return;
    }
    in->space = (int32_t)space;
    if (!in->count) disk->oldest_ns = now;
    in->parts[in->count++] = (part){file, in->used, head_length + length, -1};
    if (head_length) memcpy(in->bytes + in->used, head, (size_t)head_length);
    if (length) memcpy(in->bytes + in->used + head_length, data, (size_t)length);
    in->used += head_length + length;
    __atomic_add_fetch(&disk->backlog, head_length + length, __ATOMIC_RELAXED);
    int is_starved = now - disk->oldest_ns > STARVED_NS, is_waiting = disk->is_waiting;
    disk->is_waiting = 0;
    pthread_mutex_unlock(&disk->lock);
    if (is_waiting) pthread_cond_signal(&disk->wake);
    if (is_starved && pthread_mutex_trylock(&disk->turn) == 0) {
        if (drain(disk)) dr_disk_poke(disk);
        pthread_mutex_unlock(&disk->turn);
    }
}

void dr_disk_poke(dr_disk *disk) {
    pthread_mutex_lock(&disk->lock);
    disk->is_poked = 1;
    disk->is_waiting = 0;
    pthread_mutex_unlock(&disk->lock);
    pthread_cond_signal(&disk->wake);
}

int dr_disk_run(dr_disk *disk, int64_t timeout_ns) {
    int64_t end = now_ns() + timeout_ns;
    struct timespec until = {end / 1000000000, end % 1000000000};
    for (;;) {
        pthread_mutex_lock(&disk->lock);
        int timed_out = 0;
        while (!disk->in.count && !disk->is_poked && !timed_out) {
            disk->is_waiting = 1;
            timed_out = pthread_cond_timedwait(&disk->wake, &disk->lock, &until) == ETIMEDOUT;
        }
        disk->is_waiting = 0;
        int is_poked = disk->is_poked, has_parts = disk->in.count > 0;
        disk->is_poked = 0;
        pthread_mutex_unlock(&disk->lock);
        if (is_poked) return 1;
        if (has_parts && dr_disk_drain(disk)) return 2;
        if (now_ns() >= end) return 0;
        /* Blocks of the next moments go out together: far fewer wake-ups, a fraction of a frame at risk. */
        struct timespec linger = {disk->linger_ns / 1000000000, disk->linger_ns % 1000000000};
        nanosleep(&linger, NULL);
    }
}
