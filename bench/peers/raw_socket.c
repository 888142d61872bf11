/*
 * libvirt calls as bytes on a socket: what no client can be faster than. It encodes and decodes nothing; the packets come
 * from the command line, and of an answer only the length is looked at.
 *
 *     raw_socket SOCKET CALL HANDSHAKE...      packets in hexadecimal
 *
 * Reads requests from standard input, {"work":"info","calls":N,"inFlight":N} a line in exactly this form, and answers each
 * with one line, {"seconds":S,"cpuSeconds":S}.
 */
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <time.h>
#include <unistd.h>

enum { PACKET_MAX = 4096, IN_FLIGHT_MAX = 1024, BUFFER = 1 << 18 };

static void fail(const char *what) {
  perror(what);
  exit(1);
}

static size_t decoded(const char *hex, uint8_t *packet) {
  size_t length = strlen(hex) / 2;
  if (length > PACKET_MAX) fail("packet too long");
  for (size_t at = 0; at < length; at++) {
    unsigned byte;
    if (sscanf(hex + 2 * at, "%2x", &byte) != 1) fail("not hexadecimal");
    packet[at] = (uint8_t)byte;
  }
  return length;
}

static void write_all(int fd, const uint8_t *bytes, size_t length) {
  while (length > 0) {
    ssize_t written = write(fd, bytes, length);
    if (written <= 0) fail("write");
    bytes += written;
    length -= (size_t)written;
  }
}

static uint8_t received[BUFFER];
static size_t received_length;

/* Waits for at least one answer, and takes all that have come. */
static int answers(int fd) {
  for (;;) {
    int count = 0;
    size_t at = 0;
    while (received_length - at >= 4) {
      const uint8_t *b = received + at;
      size_t length = (size_t)b[0] << 24 | (size_t)b[1] << 16 | (size_t)b[2] << 8 | b[3];
      if (received_length - at < length) break;
      at += length;
      count++;
    }
    memmove(received, received + at, received_length - at);
    received_length -= at;
    if (count > 0) return count;
    ssize_t got = read(fd, received + received_length, BUFFER - received_length);
    if (got <= 0) fail("read");
    received_length += (size_t)got;
  }
}

static double run(int fd, const uint8_t *call, size_t length, long calls, int in_flight) {
  static uint8_t burst[PACKET_MAX * IN_FLIGHT_MAX];
  for (int nth = 0; nth < in_flight; nth++) memcpy(burst + nth * length, call, length);
  struct timespec begun, ended;
  clock_gettime(CLOCK_MONOTONIC, &begun);
  long sent = calls < in_flight ? calls : in_flight, answered = 0;
  write_all(fd, burst, (size_t)sent * length);
  while (answered < calls) {
    int count = answers(fd);
    answered += count;
    long more = calls - sent < count ? calls - sent : count;
    write_all(fd, burst, (size_t)more * length);
    sent += more;
  }
  clock_gettime(CLOCK_MONOTONIC, &ended);
  return (double)(ended.tv_sec - begun.tv_sec) + (double)(ended.tv_nsec - begun.tv_nsec) / 1e9;
}

int main(int argc, char **argv) {
  if (argc < 3) return 2;
  struct sockaddr_un address = {.sun_family = AF_UNIX};
  strncpy(address.sun_path, argv[1], sizeof address.sun_path - 1);
  int fd = socket(AF_UNIX, SOCK_STREAM, 0);
  if (fd < 0 || connect(fd, (struct sockaddr *)&address, sizeof address) != 0) fail("connect");
  uint8_t packet[PACKET_MAX];
  for (int nth = 3; nth < argc; nth++) {
    write_all(fd, packet, decoded(argv[nth], packet));
    answers(fd);
  }
  size_t length = decoded(argv[2], packet);
  char line[256];
  while (fgets(line, sizeof line, stdin)) {
    long calls;
    int in_flight;
    if (sscanf(line, "{\"work\":\"info\",\"calls\":%ld,\"inFlight\":%d}", &calls, &in_flight) != 2) return 2;
    if (in_flight < 1 || in_flight > IN_FLIGHT_MAX) return 2;
    clock_t cpu = clock();
    double seconds = run(fd, packet, length, calls, in_flight);
    printf("{\"seconds\":%.9f,\"cpuSeconds\":%.9f}\n", seconds, (double)(clock() - cpu) / CLOCKS_PER_SEC);
    fflush(stdout);
  }
}
