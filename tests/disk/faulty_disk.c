/* A disk that fails: put in front of the C library by LD_PRELOAD, it counts what a program asks of the files below one folder and lets
 * the n-th request fail, or ends the program there as a kill or a power cut would.
 *
 * DISK_FOLDER  files below it are watched
 * DISK_AT      which request fails, from 1; 0 only counts
 * DISK_FAULT   EIO | ENOSPC | SHORT (half is written, then the disk is full) | NOSYNC (every sync from there on says yes and does nothing,
 *              and the power fails at the end) | KILL | POWER (what was not synced is undone) | TORN (of that, half the sectors stay)
 * DISK_SEED    decides which sectors stay
 * DISK_COUNT   file that gets the number of requests at the end
 *
 * Making, naming and removing files counts as durable; what is mapped into memory is not seen. */
#define _GNU_SOURCE
#include <dlfcn.h>
#include <errno.h>
#include <fcntl.h>
#include <pthread.h>
#include <signal.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#define FILES 4096
#define SECTOR 512
#define NEXT(type, name, ...)                                                                                          \
    static type (*next)(__VA_ARGS__);                                                                                  \
    if (!next) next = (type(*)(__VA_ARGS__))dlsym(RTLD_NEXT, name)

enum fault { FAULT_EIO, FAULT_FULL, FAULT_SHORT, FAULT_NOSYNC, FAULT_KILL, FAULT_POWER, FAULT_TORN };

struct before { /* what stood where something was written since the file's last sync */
    struct before *older;
    dev_t device;
    ino_t inode;
    off_t at, size;
    size_t length;
    char path[1024];
    char bytes[];
};

static pthread_mutex_t one_at_a_time = PTHREAD_MUTEX_INITIALIZER;
static struct before *newest;
static char watched[FILES], ending, lying;
static const char *folder = "", *count_file;
static long fails_at, requests;
static enum fault fault;

__attribute__((constructor)) static void begin(void) {
    static const char *names[] = {"EIO", "ENOSPC", "SHORT", "NOSYNC", "KILL", "POWER", "TORN"};
    const char *text = getenv("DISK_FAULT");
    for (int i = 0; text && i < 7; i++)
        if (!strcmp(text, names[i])) fault = (enum fault)i;
    if ((text = getenv("DISK_FOLDER"))) folder = strdup(text);
    if ((text = getenv("DISK_AT"))) fails_at = atol(text);
    if ((text = getenv("DISK_COUNT"))) count_file = strdup(text);
    if ((text = getenv("DISK_SEED"))) srandom((unsigned)atoi(text));
}

static int undoes(void) { return fault == FAULT_POWER || fault == FAULT_TORN || fault == FAULT_NOSYNC; }

static void undo(void) {
    for (struct before *b = newest; b; b = b->older) {
        struct stat now;
        int file = open(b->path, O_WRONLY | O_CLOEXEC), kept = 0;
        if (file < 0) continue;
        if (fstat(file, &now) || now.st_ino != b->inode || now.st_dev != b->device) { close(file); continue; }
        for (size_t i = 0; i < b->length; i += SECTOR) {
            size_t part = b->length - i < SECTOR ? b->length - i : SECTOR;
            if (fault == FAULT_TORN && (random() & 1)) { kept = 1; continue; }
            if (b->at + (off_t)i < b->size) (void)!pwrite(file, b->bytes + i, part, b->at + (off_t)i);
        }
        if (!kept && now.st_size != b->size) (void)!ftruncate(file, b->size);
        close(file);
    }
}

__attribute__((destructor)) static void end(void) {
    if (lying) { ending = 1; memset(watched, 0, sizeof watched); undo(); }
    FILE *out = count_file ? fopen(count_file, "w") : NULL;
    if (out) { fprintf(out, "%ld\n", requests); fclose(out); }
}

static int is_watched(const char *path) {
    size_t length = strlen(folder);
    if (ending || !length || !path || strncmp(path, folder, length)) return 0;
    const char *name = path + length;
    return strstr(name, ".sqlite") || strstr(name, ".csv") || strstr(name, ".part") || strstr(name, "last-sync");
}

/* Counts a request; says whether it fails. */
static int fails(int is_sync) {
    if (++requests != fails_at) return 0;
    switch (fault) {
    case FAULT_NOSYNC: lying = 1; return 0;
    case FAULT_KILL: case FAULT_POWER: case FAULT_TORN:
        ending = 1;
        memset(watched, 0, sizeof watched);
        if (fault != FAULT_KILL) undo();
        kill(getpid(), SIGKILL);
        for (;;) pause();
    default: break;
    }
    (void)is_sync;
    errno = fault == FAULT_EIO ? EIO : ENOSPC;
    return 1;
}

static void remember(int file, off_t at, size_t length) {
    if (!undoes()) return;
    struct stat now;
    struct before *b = calloc(1, sizeof *b + length);
    char link[64];
    if (!b || fstat(file, &now)) return;
    snprintf(link, sizeof link, "/proc/self/fd/%d", file);
    if (readlink(link, b->path, sizeof b->path - 1) < 0) { free(b); return; }
    b->inode = now.st_ino; b->device = now.st_dev; b->at = at; b->size = now.st_size; b->length = length;
    if (pread(file, b->bytes, length, at) < 0) {
        /* Never closed: closing it would give up the program's locks on the file. */
        int reader = open(b->path, O_RDONLY | O_CLOEXEC);
        if (reader >= 0) (void)!pread(reader, b->bytes, length, at);
    }
    b->older = newest;
    newest = b;
}

static void synced(int file) {
    struct stat now;
    if (lying || fstat(file, &now)) return;
    for (struct before **b = &newest; *b;) {
        struct before *gone = *b;
        if (gone->inode == now.st_ino && gone->device == now.st_dev) { *b = gone->older; free(gone); }
        else b = &gone->older;
    }
}

static int is_on(int file) { return file >= 0 && file < FILES && watched[file]; }

static int opened(int file, const char *path, int flags) {
    if (file >= 0 && file < FILES) watched[file] = (flags & O_ACCMODE) != O_RDONLY && is_watched(path);
    return file;
}

#define OPEN(name)                                                                                                     \
    int name(const char *path, int flags, ...) {                                                                       \
        mode_t mode = 0;                                                                                               \
        if (flags & (O_CREAT | O_TMPFILE)) { va_list rest; va_start(rest, flags); mode = va_arg(rest, mode_t); va_end(rest); } \
        NEXT(int, #name, const char *, int, ...);                                                                      \
        if ((flags & O_ACCMODE) != O_RDONLY && is_watched(path)) {                                                     \
            pthread_mutex_lock(&one_at_a_time);                                                                        \
            int failed = fails(0);                                                                                     \
            pthread_mutex_unlock(&one_at_a_time);                                                                      \
            if (failed) return -1;                                                                                     \
        }                                                                                                              \
        return opened(next(path, flags, mode), path, flags);                                                           \
    }
OPEN(open)
OPEN(open64)

int close(int file) {
    NEXT(int, "close", int);
    if (file >= 0 && file < FILES) watched[file] = 0;
    return next(file);
}

#define WRITE(name, place, parameters, arguments, half, ...)                                                           \
    ssize_t name parameters {                                                                                          \
        NEXT(ssize_t, #name, __VA_ARGS__);                                                                             \
        if (!is_on(file)) return next arguments;                                                                       \
        pthread_mutex_lock(&one_at_a_time);                                                                            \
        ssize_t written = -1;                                                                                          \
        if (!fails(0)) { remember(file, place, length); written = next arguments; }                                    \
        else if (fault == FAULT_SHORT && length > 1) { (void)!(next half); errno = ENOSPC; }                           \
        pthread_mutex_unlock(&one_at_a_time);                                                                          \
        return written;                                                                                                \
    }
WRITE(write, lseek(file, 0, SEEK_CUR), (int file, const void *bytes, size_t length), (file, bytes, length), (file, bytes, length / 2), int, const void *, size_t)
WRITE(pwrite, at, (int file, const void *bytes, size_t length, off_t at), (file, bytes, length, at), (file, bytes, length / 2, at), int, const void *, size_t, off_t)
WRITE(pwrite64, at, (int file, const void *bytes, size_t length, off64_t at), (file, bytes, length, at), (file, bytes, length / 2, at), int, const void *, size_t, off64_t)

#define SYNC(name)                                                                                                     \
    int name(int file) {                                                                                               \
        NEXT(int, #name, int);                                                                                         \
        if (!is_on(file)) return next(file);                                                                           \
        pthread_mutex_lock(&one_at_a_time);                                                                            \
        int result = fails(1) ? -1 : lying ? 0 : next(file);                                                           \
        if (!result) synced(file);                                                                                     \
        pthread_mutex_unlock(&one_at_a_time);                                                                          \
        return result;                                                                                                 \
    }
SYNC(fsync)
SYNC(fdatasync)

#define CUT(name)                                                                                                      \
    int name(int file, off_t length) {                                                                                 \
        NEXT(int, #name, int, off_t);                                                                                  \
        if (!is_on(file)) return next(file, length);                                                                   \
        pthread_mutex_lock(&one_at_a_time);                                                                            \
        int result = -1;                                                                                               \
        struct stat now;                                                                                               \
        if (!fails(0)) {                                                                                               \
            if (!fstat(file, &now)) remember(file, length, now.st_size > length ? (size_t)(now.st_size - length) : 0); \
            result = next(file, length);                                                                               \
        }                                                                                                              \
        pthread_mutex_unlock(&one_at_a_time);                                                                          \
        return result;                                                                                                 \
    }
CUT(ftruncate)
CUT(ftruncate64)

#define NAMES(name, parameters, arguments, path, ...)                                                                  \
    int name parameters {                                                                                              \
        NEXT(int, #name, __VA_ARGS__);                                                                                 \
        if (!is_watched(path)) return next arguments;                                                                  \
        pthread_mutex_lock(&one_at_a_time);                                                                            \
        int result = fails(0) ? -1 : next arguments;                                                                   \
        pthread_mutex_unlock(&one_at_a_time);                                                                          \
        return result;                                                                                                 \
    }
NAMES(unlink, (const char *path), (path), path, const char *)
NAMES(rename, (const char *from, const char *to), (from, to), to, const char *, const char *)
NAMES(link, (const char *from, const char *to), (from, to), to, const char *, const char *)
NAMES(linkat, (int a, const char *from, int b, const char *to, int flags), (a, from, b, to, flags), to, int, const char *, int, const char *, int)

/* Copies inside the kernel would not be seen; the program then reads and writes instead. */
ssize_t copy_file_range(int from, off64_t *a, int to, off64_t *b, size_t length, unsigned flags) {
    (void)from; (void)a; (void)to; (void)b; (void)length; (void)flags;
    errno = ENOSYS;
    return -1;
}
ssize_t sendfile64(int to, int from, off64_t *at, size_t length) {
    (void)to; (void)from; (void)at; (void)length;
    errno = ENOSYS;
    return -1;
}
