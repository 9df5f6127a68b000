/* What sitecustomize.py is to Python, for everything below it: Qt, PortAudio, the sound and D-Bus libraries, programs
   that are not Python. Preloaded, it refuses to reach beyond this machine and notes each attempt in the same file.

   Netlink and Unix sockets stay on this machine; so does a socket without an address. */
#define _GNU_SOURCE
#include <arpa/inet.h>
#include <dlfcn.h>
#include <errno.h>
#include <fcntl.h>
#include <netdb.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

static void note(const char *what, const char *where) {
    const char *log = getenv("LECTERN_TEST_NETWORK_LOG");
    if (log == NULL)
        return;
    char line[1200];
    int size = snprintf(line, sizeof line, "native %s %s by %s\n", what, where, program_invocation_name);
    int file = open(log, O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC, 0600);
    if (file >= 0 && size > 0)
        (void)!write(file, line, (size_t)size < sizeof line ? (size_t)size : sizeof line - 1);
    if (file >= 0)
        close(file);
}

/* 1 where the address stays here; else it is noted */
static int stays_here(const char *what, const struct sockaddr *address) {
    char name[INET6_ADDRSTRLEN] = "";
    if (address == NULL)
        return 1;
    if (address->sa_family == AF_INET) {
        const struct in_addr *ip = &((const struct sockaddr_in *)address)->sin_addr;
        unsigned host = ntohl(ip->s_addr);
        if (host >> 24 == 127 || host == 0)
            return 1;
        inet_ntop(AF_INET, ip, name, sizeof name);
    } else if (address->sa_family == AF_INET6) {
        const struct in6_addr *ip = &((const struct sockaddr_in6 *)address)->sin6_addr;
        if (IN6_IS_ADDR_LOOPBACK(ip) || IN6_IS_ADDR_UNSPECIFIED(ip))
            return 1;
        if (IN6_IS_ADDR_V4MAPPED(ip) && ip->s6_addr[12] == 127)
            return 1;
        inet_ntop(AF_INET6, ip, name, sizeof name);
    } else {
        return 1;
    }
    note(what, name);
    errno = EACCES;
    return 0;
}

int connect(int socket, const struct sockaddr *address, socklen_t size) {
    static int (*real)(int, const struct sockaddr *, socklen_t);
    if (real == NULL)
        real = dlsym(RTLD_NEXT, "connect");
    return stays_here("connect", address) ? real(socket, address, size) : -1;
}

ssize_t sendto(int socket, const void *data, size_t n, int flags, const struct sockaddr *address, socklen_t size) {
    static ssize_t (*real)(int, const void *, size_t, int, const struct sockaddr *, socklen_t);
    if (real == NULL)
        real = dlsym(RTLD_NEXT, "sendto");
    return stays_here("sendto", address) ? real(socket, data, n, flags, address, size) : -1;
}

ssize_t sendmsg(int socket, const struct msghdr *message, int flags) {
    static ssize_t (*real)(int, const struct msghdr *, int);
    if (real == NULL)
        real = dlsym(RTLD_NEXT, "sendmsg");
    return stays_here("sendmsg", message->msg_name) ? real(socket, message, flags) : -1;
}

int getaddrinfo(const char *node, const char *service, const struct addrinfo *hints, struct addrinfo **found) {
    static int (*real)(const char *, const char *, const struct addrinfo *, struct addrinfo **);
    struct in6_addr ip;
    if (real == NULL)
        real = dlsym(RTLD_NEXT, "getaddrinfo");
    if (node == NULL || strcmp(node, "localhost") == 0 || inet_pton(AF_INET, node, &ip) == 1 ||
        inet_pton(AF_INET6, node, &ip) == 1) /* a number needs nobody to ask: connect sees it */
        return real(node, service, hints, found);
    note("getaddrinfo", node);
    return EAI_FAIL;
}
