// Loaded before libcamera, where a kernel has no dma-buf: /dev/udmabuf and /dev/dma_heap/linux,cma hand out plain memfds.
#define _GNU_SOURCE
#include <dlfcn.h>
#include <fcntl.h>
#include <linux/dma-buf.h>
#include <linux/dma-heap.h>
#include <linux/udmabuf.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/mman.h>
#include <unistd.h>

static int is_ours(const char *path) {
    return path && (!strcmp(path, "/dev/udmabuf") || !strcmp(path, "/dev/dma_heap/linux,cma"));
}

#define WRAP(name)                                                        \
    int name(const char *path, int flags, ...) {                          \
        mode_t mode = 0;                                                  \
        if (flags & (O_CREAT | O_TMPFILE)) {                              \
            va_list rest;                                                 \
            va_start(rest, flags);                                        \
            mode = va_arg(rest, mode_t);                                  \
            va_end(rest);                                                 \
        }                                                                 \
        static int (*real)(const char *, int, ...);                       \
        if (!real) real = dlsym(RTLD_NEXT, #name);                        \
        return is_ours(path) ? real("/dev/null", O_RDWR | O_CLOEXEC) : real(path, flags, mode); \
    }
WRAP(open)
WRAP(open64)

static int heap_allocate(struct dma_heap_allocation_data *wanted) {
    int memory = memfd_create("dmaheap", MFD_CLOEXEC);
    if (memory < 0) return -1;
    if (ftruncate(memory, (off_t)wanted->len)) {
        close(memory);
        return -1;
    }
    wanted->fd = (unsigned)memory;
    return 0;
}

int ioctl(int fd, unsigned long request, ...) {
    va_list rest;
    va_start(rest, request);
    void *argument = va_arg(rest, void *);
    va_end(rest);
    if (request == UDMABUF_CREATE) return fcntl((int)((struct udmabuf_create *)argument)->memfd, F_DUPFD_CLOEXEC, 3);
    if (request == DMA_HEAP_IOCTL_ALLOC) return heap_allocate(argument);
    if (_IOC_TYPE(request) == DMA_BUF_BASE && _IOC_NR(request) <= 1) return 0;  // SYNC and SET_NAME
    static int (*real)(int, unsigned long, ...);
    if (!real) real = dlsym(RTLD_NEXT, "ioctl");
    return real(fd, request, argument);
}

// C++'s `operator new`, zeroed: libcamera 0.4's virtual pipeline never sets a picture's status, and zero is success.
void *_Znwm(size_t size) {
    void *memory = calloc(1, size ? size : 1);
    if (!memory) abort();
    return memory;
}
