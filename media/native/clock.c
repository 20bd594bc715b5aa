#include <math.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include "record.h"

/* media/recorder/clock.py, operation by operation. */
#define STEP_MS 2000.0
#define SLEW 0.005
#define JUMP_MS 300.0
#define JUMP_HOLD_MS 1000.0
#define BUCKET_MS 5000.0

void dr_clock_reset(dr_clock *clock) {
    double per_tick = clock->per_tick;
    int32_t anchors = clock->anchors;
    dr_seat *seat = clock->seat;
    memset(clock, 0, sizeof *clock);
    clock->per_tick = per_tick;
    clock->anchors = anchors;
    clock->seat = seat;
    clock->oldest = clock->newer = INFINITY;
}

void dr_clock_start(dr_clock *clock, double per_tick, dr_seat *seat) {
    memset(clock, 0, sizeof *clock);
    clock->per_tick = per_tick;
    clock->seat = seat;
    dr_clock_reset(clock);
}

static int64_t extend(dr_clock *clock, uint32_t timestamp) {
    if (!clock->has_last) {
        clock->has_last = 1;
        clock->last_ts = timestamp;
        return timestamp;
    }
    int64_t extended = clock->last_ts + (int32_t)(timestamp - (uint32_t)clock->last_ts);
    if (extended > clock->last_ts) clock->last_ts = extended;
    return extended;
}

double dr_clock_ms(dr_clock *clock, uint32_t timestamp) { return (double)extend(clock, timestamp) * clock->per_tick + clock->shift; }

static void anchor(dr_clock *clock, double shift, double arrival_ms) {
    if (!clock->is_anchored) {
        clock->first_arrival = arrival_ms;
        clock->is_anchored = 1;
    }
    clock->shift = shift;
    clock->last_arrival = arrival_ms;
    clock->oldest = INFINITY;
    clock->newer = shift;
    clock->bucket_start = arrival_ms;
    clock->is_apart = 0;
    clock->anchors++;
}

static double target(const dr_clock *clock) {
    if (clock->has_report && clock->seat->is_known)
        return clock->report_ntp + clock->seat->offset - (double)clock->report_ticks * clock->per_tick;
    return clock->oldest < clock->newer ? clock->oldest : clock->newer;
}

static void steer(dr_clock *clock, double wanted, double arrival_ms) {
    double error = wanted - clock->shift, elapsed = arrival_ms - clock->last_arrival;
    if (elapsed < 0) elapsed = 0;
    if (arrival_ms > clock->last_arrival) clock->last_arrival = arrival_ms;
    if (arrival_ms - clock->first_arrival <= STEP_MS) {
        clock->shift = wanted;
        return;
    }
    double limit = SLEW * (elapsed < 1000.0 ? elapsed : 1000.0);
    if (error > limit) error = limit;
    if (error < -limit) error = -limit;
    clock->shift += error;
}

static int has_jumped(dr_clock *clock, double apart, double arrival_ms) {
    if (apart < -5000 || apart > 30000) return 1;
    if (fabs(apart) <= JUMP_MS) {
        clock->is_apart = 0;
        return 0;
    }
    if (!clock->is_apart) {
        clock->is_apart = 1;
        clock->apart_since = arrival_ms;
    }
    return arrival_ms - clock->apart_since >= JUMP_HOLD_MS && !(apart > 0 && clock->has_report);
}

void dr_clock_observe(dr_clock *clock, uint32_t timestamp, double arrival_ms) {
    int64_t ticks = extend(clock, timestamp);
    double media = (double)ticks * clock->per_tick;
    if (!clock->is_anchored) {
        anchor(clock, arrival_ms - media, arrival_ms);
        clock->newest = ticks;
        if (clock->has_early) {
            clock->has_early = 0;
            dr_clock_report(clock, clock->early_ntp, clock->early_ts, clock->early_arrival);
        }
    } else if (ticks < clock->newest) {
        return;
    }
    clock->newest = ticks;
    double delay = arrival_ms - media;
    if (arrival_ms - clock->bucket_start > BUCKET_MS) {
        clock->oldest = clock->newer;
        clock->newer = delay;
        clock->bucket_start = arrival_ms;
    } else if (delay < clock->newer) {
        clock->newer = delay;
    }
    if (has_jumped(clock, delay - clock->shift, arrival_ms)) {
        anchor(clock, delay, arrival_ms);
        clock->has_report = 0;
        return;
    }
    steer(clock, target(clock), arrival_ms);
}

void dr_clock_report(dr_clock *clock, double ntp_ms, uint32_t timestamp, double arrival_ms) {
    if (!clock->is_anchored) {
        clock->has_early = 1;
        clock->early_ntp = ntp_ms;
        clock->early_ts = timestamp;
        clock->early_arrival = arrival_ms;
        return;
    }
    int64_t ticks = extend(clock, timestamp);
    if ((double)llabs(ticks - clock->newest) * clock->per_tick > 60000) return; /* of another source */
    int had_report = clock->has_report;
    int64_t ticks_before = clock->report_ticks;
    double ntp_before = clock->report_ntp;
    clock->has_report = 1;
    clock->report_ticks = ticks;
    clock->report_ntp = ntp_ms;
    double wanted = target(clock);
    double now = arrival_ms > clock->last_arrival ? arrival_ms : clock->last_arrival;
    if ((double)clock->newest * clock->per_tick + wanted > now + 1000.0) {
        clock->has_report = (uint8_t)had_report; /* media from the future: the report does not belong to these timestamps */
        clock->report_ticks = ticks_before;
        clock->report_ntp = ntp_before;
        return;
    }
    if (wanted - clock->shift > JUMP_MS && arrival_ms - clock->first_arrival > STEP_MS)
        anchor(clock, wanted, arrival_ms); /* real time passed that the sender's RTP clock did not count */
    else
        steer(clock, wanted, arrival_ms);
}
