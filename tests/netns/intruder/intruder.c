/* Somebody else's code inside the daemon: loaded with it, it does on signal 40 what an attacker would, and writes down
 * the error number of each attempt (0 if it succeeds). INTRUDER_LOG is where, INTRUDER_DIR a folder that is not the
 * daemon's, INTRUDER_RUN the one that is, INTRUDER_WISH a request to the process that starts scripts. */
#define _GNU_SOURCE
#include <errno.h>
#include <fcntl.h>
#include <sched.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mount.h>
#include <sys/ptrace.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

static int out = -1;
static const char *outside, *inside, *wish;

static void tell(const char *what, long result)
{
    dprintf(out, "%s %d\n", what, result < 0 ? errno : 0);
}

static void make(const char *what, const char *folder, const char *name)
{
    char path[4096];
    snprintf(path, sizeof path, "%s/%s", folder, name);
    tell(what, open(path, O_WRONLY | O_CREAT, 0600));
}

static void write_to(const char *what, const char *path)
{
    tell(what, open(path, O_WRONLY));
}

static void attack(int number)
{
    char path[4096], link[4096];
    char *arguments[] = {"true", NULL};
    (void)number;
    make("make-inside", inside, "intruder");
    make("make-outside", outside, "made");
    snprintf(path, sizeof path, "%s/there", outside);
    write_to("write-outside", path);
    tell("unlink-outside", unlink(path));
    tell("chmod-outside", chmod(path, 04755));
    tell("chown-outside", chown(path, 1, 1));
    tell("truncate-outside", truncate(path, 0));
    snprintf(link, sizeof link, "%s/link", inside);
    tell("link-outside", linkat(AT_FDCWD, path, AT_FDCWD, link, 0));
    snprintf(path, sizeof path, "%s/folder", outside);
    tell("mkdir-outside", mkdir(path, 0700));
    write_to("write-setting", "/proc/sys/net/ipv4/ip_forward");
    write_to("write-core-pattern", "/proc/sys/kernel/core_pattern");
    write_to("write-printk", "/proc/sys/kernel/printk");
    write_to("write-passwd", "/etc/passwd");
    tell("read-passwd", open("/etc/passwd", O_RDONLY));
    tell("execve", execve("/bin/true", arguments, environ));
    int file = open("/bin/true", O_RDONLY);
    tell("execveat", syscall(SYS_execveat, file, "", arguments, environ, AT_EMPTY_PATH));
    int memory = memfd_create("program", 0);
    tell("memfd", syscall(SYS_execveat, memory, "", arguments, environ, AT_EMPTY_PATH));
    long child = syscall(SYS_clone, SIGCHLD, 0, 0, 0, 0);
    if (child == 0)
        _exit(0);
    tell("clone", child);
    tell("clone3", syscall(SYS_clone3, NULL, 0));
    tell("ptrace", ptrace(PTRACE_ATTACH, getppid(), 0, 0));
    tell("setuid", syscall(SYS_setuid, 1));
    tell("mount", mount("none", outside, "tmpfs", 0, NULL));
    tell("unshare", unshare(CLONE_NEWNS));
    tell("module", syscall(SYS_init_module, "", 0, ""));
    tell("bpf", syscall(SYS_bpf, 0, NULL, 0));
    tell("io_uring", syscall(SYS_io_uring_setup, 1, NULL));
    /* The channel to the process that starts scripts, as code in the daemon would find it. */
    for (int fd = 3; fd < 1000; fd++) {
        int type = 0;
        socklen_t length = sizeof type;
        if (getsockopt(fd, SOL_SOCKET, SO_TYPE, &type, &length) == 0 && type == SOCK_SEQPACKET) {
            tell("wish", send(fd, wish, strlen(wish), MSG_NOSIGNAL));
            break;
        }
    }
    dprintf(out, "done 0\n");
}

__attribute__((constructor)) static void enter(void)
{
    const char *log = getenv("INTRUDER_LOG");
    outside = getenv("INTRUDER_DIR");
    inside = getenv("INTRUDER_RUN");
    wish = getenv("INTRUDER_WISH");
    if (!log || !outside || !inside || !wish)
        return;
    out = open(log, O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC, 0600);
    signal(40, attack);
}
