/*
 * testdev on the C library libvfio-user: the peer that our own testdev is measured against.
 *
 *   testdev PATTERN [--count N] [--spin]
 *
 * PATTERN is the path of the socket; with --count N, %d in it becomes 0 to N-1 and one epoll loop
 * serves all. With --spin it polls without sleeping. See docs/devices/testdev.md for the registers.
 */
#include <errno.h>
#include <err.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/mman.h>
#include <sys/resource.h>
#include <time.h>
#include <unistd.h>

#include "libvfio-user.h"
#include "pci_caps/msix.h"
#include "pci_caps/pm.h"
#include "pci_caps/px.h"

enum { PAGE = 4096, BAR1_SIZE = 1 << 20, VECTORS = 8, MAX_COPY = 16 << 20, CHUNK = 1 << 16 };

struct dev {
    vfu_ctx_t *vfu;
    char bar0[PAGE], bell[PAGE];
    char *bar1;
    uint64_t took;
    bool attached;
    int watched;
};

struct dma_command { uint64_t src, dst, len, flags; };

static uint64_t now_ns(void)
{
    struct timespec t;
    clock_gettime(CLOCK_MONOTONIC, &t);
    return (uint64_t)t.tv_sec * 1000000000u + (uint64_t)t.tv_nsec;
}

static int copy_mapped(struct dev *d, const struct dma_command *c)
{
    dma_sg_t *sg = alloca(2 * dma_sg_size());
    dma_sg_t *to = (dma_sg_t *)((char *)sg + dma_sg_size());
    struct iovec from_vec, to_vec;

    if (vfu_addr_to_sgl(d->vfu, (vfu_dma_addr_t)c->src, c->len, sg, 1, PROT_READ) != 1
        || vfu_addr_to_sgl(d->vfu, (vfu_dma_addr_t)c->dst, c->len, to, 1, PROT_WRITE) != 1)
        return -1;
    if (vfu_sgl_get(d->vfu, sg, &from_vec, 1, 0))
        return -1;
    if (vfu_sgl_get(d->vfu, to, &to_vec, 1, 0)) {
        vfu_sgl_put(d->vfu, sg, &from_vec, 1);
        return -1;
    }
    memmove(to_vec.iov_base, from_vec.iov_base, c->len);
    vfu_sgl_put(d->vfu, to, &to_vec, 1);
    vfu_sgl_put(d->vfu, sg, &from_vec, 1);
    return 0;
}

static int copy_by_messages(struct dev *d, const struct dma_command *c)
{
    static char buf[CHUNK];
    dma_sg_t *sg = alloca(dma_sg_size());

    for (uint64_t at = 0; at < c->len;) {
        uint64_t n = c->len - at < CHUNK ? c->len - at : CHUNK;
        if (vfu_addr_to_sgl(d->vfu, (vfu_dma_addr_t)(c->src + at), n, sg, 1, PROT_READ) != 1
            || vfu_sgl_read(d->vfu, sg, 1, buf, 0)
            || vfu_addr_to_sgl(d->vfu, (vfu_dma_addr_t)(c->dst + at), n, sg, 1, PROT_WRITE) != 1
            || vfu_sgl_write(d->vfu, sg, 1, buf, 0))
            return -1;
        at += n;
    }
    return 0;
}

static int look_up(struct dev *d, const struct dma_command *c)
{
    dma_sg_t *sg = alloca(dma_sg_size());
    uint64_t x = 88172645463325252u;

    for (uint64_t i = 0; i < c->flags >> 32; i++) {
        x ^= x << 13;
        x ^= x >> 7;
        x ^= x << 17;
        if (vfu_addr_to_sgl(d->vfu, (vfu_dma_addr_t)(c->src + c->dst * (x % c->len)), 8, sg, 1,
                            PROT_READ) != 1)
            return -1;
    }
    return 0;
}

static int run_dma(struct dev *d, const struct dma_command *c)
{
    uint64_t began = now_ns();
    int r;

    if (c->len == 0 || ((c->flags & 2) == 0 && c->len > MAX_COPY)) {
        errno = EINVAL;
        return -1;
    }
    r = c->flags & 2 ? look_up(d, c) : c->flags & 1 ? copy_by_messages(d, c) : copy_mapped(d, c);
    d->took = now_ns() - began;
    memcpy(d->bell + 0x30, &d->took, 8);
    return r;
}

static ssize_t move(char *mem, char *buf, size_t n, bool write)
{
    memcpy(write ? mem : buf, write ? buf : mem, n);
    return (ssize_t)n;
}

static ssize_t bar0(vfu_ctx_t *v, char *buf, size_t n, loff_t at, bool write)
{
    return move(((struct dev *)vfu_get_private(v))->bar0 + at, buf, n, write);
}

static ssize_t bar1(vfu_ctx_t *v, char *buf, size_t n, loff_t at, bool write)
{
    return move(((struct dev *)vfu_get_private(v))->bar1 + at, buf, n, write);
}

static ssize_t bell(vfu_ctx_t *v, char *buf, size_t n, loff_t at, bool write)
{
    struct dev *d = vfu_get_private(v);
    struct dma_command c;
    uint32_t vector;

    if (write && at == 0 && n == 4) {
        memcpy(&vector, buf, 4);
        return vfu_irq_trigger(v, vector) ? -1 : (ssize_t)n;
    }
    if (write && at == 8 && n == sizeof(c)) {
        memcpy(&c, buf, sizeof(c));
        return run_dma(d, &c) ? -1 : (ssize_t)n;
    }
    return move(d->bell + at, buf, n, write);
}

static void dma_come(vfu_ctx_t *v, vfu_dma_info_t *i) { (void)v; (void)i; }
static void dma_gone(vfu_ctx_t *v, vfu_dma_info_t *i) { (void)v; (void)i; }
static int reset(vfu_ctx_t *v, vfu_reset_type_t t) { (void)v; (void)t; return 0; }

static void check(int r, const char *what)
{
    if (r < 0)
        err(1, "%s", what);
}

static void capabilities(vfu_ctx_t *v)
{
    struct pmcap pm = { .hdr.id = PCI_CAP_ID_PM, .pmcs.nsfrst = 1 };
    struct pxcap px = { .hdr.id = PCI_CAP_ID_EXP, .pxcaps.ver = 2,
                        .pxdcap = { .rer = 1, .flrc = 1 } };
    struct msixcap msix = { .hdr.id = PCI_CAP_ID_MSIX, .mxc.ts = VECTORS - 1,
                            .mtab = { .tbir = 2, .to = 0x800 >> 3 },
                            .mpba = { .pbir = 2, .pbao = 0xc00 >> 3 } };

    check((int)vfu_pci_add_capability(v, 0, 0, &pm), "power management");
    check((int)vfu_pci_add_capability(v, 0, 0, &px), "PCI Express");
    check((int)vfu_pci_add_capability(v, 0, 0, &msix), "MSI-X");
}

static void make(struct dev *d, const char *path, int flags)
{
    int fd = memfd_create("bar1", MFD_CLOEXEC);
    struct iovec whole = { NULL, BAR1_SIZE };
    vfu_ctx_t *v;

    unlink(path);
    check(fd, "memfd");
    check(ftruncate(fd, BAR1_SIZE), "ftruncate");
    d->bar1 = mmap(NULL, BAR1_SIZE, PROT_READ | PROT_WRITE, MAP_SHARED, fd, 0);
    v = d->vfu = vfu_create_ctx(VFU_TRANS_SOCK, path, flags, d, VFU_DEV_TYPE_PCI);
    if (!v || d->bar1 == MAP_FAILED)
        err(1, "%s", path);
    check(vfu_pci_init(v, VFU_PCI_TYPE_EXPRESS, PCI_HEADER_TYPE_NORMAL, 0), "pci");
    vfu_pci_set_id(v, 0x1af4, 0x10f0, 0x1af4, 0x10f0);
    vfu_pci_set_class(v, 0xff, 0, 0);
    check(vfu_setup_region(v, VFU_PCI_DEV_BAR0_REGION_IDX, PAGE, bar0,
                           VFU_REGION_FLAG_RW | VFU_REGION_FLAG_MEM, NULL, 0, -1, 0), "BAR0");
    check(vfu_setup_region(v, VFU_PCI_DEV_BAR1_REGION_IDX, BAR1_SIZE, bar1,
                           VFU_REGION_FLAG_RW | VFU_REGION_FLAG_MEM, &whole, 1, fd, 0), "BAR1");
    check(vfu_setup_region(v, VFU_PCI_DEV_BAR2_REGION_IDX, PAGE, bell,
                           VFU_REGION_FLAG_RW | VFU_REGION_FLAG_MEM, NULL, 0, -1, 0), "BAR2");
    capabilities(v);
    check(vfu_setup_device_reset_cb(v, reset), "reset");
    check(vfu_setup_device_dma(v, 65536, dma_come, dma_gone), "dma");
    check(vfu_setup_device_nr_irqs(v, VFU_DEV_INTX_IRQ, 1), "intx");
    check(vfu_setup_device_nr_irqs(v, VFU_DEV_MSIX_IRQ, VECTORS), "msix");
    check(vfu_realize_ctx(v), "realize");
}

/* One device, as the library's own samples serve it. */
static void serve_one(struct dev *d, bool spin)
{
    for (;;) {
        if (!d->attached) {
            if (vfu_attach_ctx(d->vfu) == 0)
                d->attached = true;
            else if (errno != EAGAIN && errno != EWOULDBLOCK && errno != EINTR)
                err(1, "attach");
        } else if (vfu_run_ctx(d->vfu) < 0) {
            if (errno == ENOTCONN)
                d->attached = false;
            else if (errno != EAGAIN && errno != EINTR && !spin)
                err(1, "run");
        }
    }
}

static void watch(int epoll, struct dev *d)
{
    struct epoll_event e = { .events = EPOLLIN, .data.ptr = d };
    int fd = vfu_get_poll_fd(d->vfu);

    /* A closed descriptor has left epoll by itself. */
    if (epoll_ctl(epoll, EPOLL_CTL_ADD, fd, &e) && errno != EEXIST)
        err(1, "epoll");
    d->watched = fd;
}

static void serve_many(struct dev *devs, int count, bool spin)
{
    struct epoll_event events[256];
    int epoll = epoll_create1(EPOLL_CLOEXEC);

    for (int i = 0; i < count; i++)
        watch(epoll, &devs[i]);
    for (;;) {
        int n = epoll_wait(epoll, events, 256, spin ? 0 : -1);
        for (int i = 0; i < n; i++) {
            struct dev *d = events[i].data.ptr;
            if (!d->attached) {
                if (vfu_attach_ctx(d->vfu) == 0) {
                    d->attached = true;
                    epoll_ctl(epoll, EPOLL_CTL_DEL, d->watched, NULL);
                    watch(epoll, d);
                }
            } else if (vfu_run_ctx(d->vfu) < 0 && errno == ENOTCONN) {
                d->attached = false;
                watch(epoll, d);
            }
        }
    }
}

int main(int argc, char **argv)
{
    const char *pattern = NULL;
    struct rlimit files;
    int count = 0;
    bool spin = false;

    for (int i = 1; i < argc; i++) {
        if (!strcmp(argv[i], "--spin"))
            spin = true;
        else if (!strcmp(argv[i], "--count") && i + 1 < argc)
            count = atoi(argv[++i]);
        else
            pattern = argv[i];
    }
    if (!pattern)
        errx(2, "usage: testdev PATTERN [--count N] [--spin]");
    if (getrlimit(RLIMIT_NOFILE, &files) == 0) {
        files.rlim_cur = files.rlim_max;
        setrlimit(RLIMIT_NOFILE, &files);
    }
    int devices = count ? count : 1;
    struct dev *devs = calloc((size_t)devices, sizeof(*devs));
    for (int i = 0; i < devices; i++) {
        char path[256];
        const char *number = strstr(pattern, "%d");
        if (number)
            snprintf(path, sizeof(path), "%.*s%d%s", (int)(number - pattern), pattern, i, number + 2);
        else
            snprintf(path, sizeof(path), "%s", pattern);
        make(&devs[i], path, count || spin ? LIBVFIO_USER_FLAG_ATTACH_NB : 0);
    }
    printf("ready pid=%d devices=%d\n", getpid(), devices);
    fflush(stdout);
    if (count)
        serve_many(devs, count, spin);
    else
        serve_one(devs, spin);
}
