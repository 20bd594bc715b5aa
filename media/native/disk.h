/* Between disk.c and stream.c. */
int dr_disk_is_full(dr_disk *disk);
int dr_disk_is_stuffed(dr_disk *disk);
int dr_disk_call(dr_disk *disk, dr_event *event);
