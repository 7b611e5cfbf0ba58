/* Stands in for a kernel without IPVS, loaded into keepalived: its health checks run only where the load balancer
   answers. Everything is accepted, and nothing is balanced. */
#define _GNU_SOURCE
#include <dlfcn.h>
#include <linux/ip_vs.h>
#include <string.h>
#include <sys/socket.h>

static int is_ipvs(int level, int name) {
    return level == 0 && name >= IP_VS_BASE_CTL && name < IP_VS_BASE_CTL + 64;
}

int setsockopt(int fd, int level, int name, const void *value, socklen_t length) {
    int (*real)(int, int, int, const void *, socklen_t);
    *(void **)&real = dlsym(RTLD_NEXT, "setsockopt");
    return is_ipvs(level, name) ? 0 : real(fd, level, name, value, length);
}

int getsockopt(int fd, int level, int name, void *value, socklen_t *length) {
    int (*real)(int, int, int, void *, socklen_t *);
    *(void **)&real = dlsym(RTLD_NEXT, "getsockopt");
    if (!is_ipvs(level, name))
        return real(fd, level, name, value, length);
    memset(value, 0, *length);
    if (name == IP_VS_SO_GET_INFO) {
        struct ip_vs_getinfo *info = value;
        info->version = 0x010201;
        info->size = 4096;
    }
    return 0;
}
