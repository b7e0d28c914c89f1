/* Writes and reads 64 MiB of a file in pieces of the size that its argument names, and prints how long each way took, in microseconds. */
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <time.h>
#include <unistd.h>

enum { TOTAL = 64 << 20 };

static long long now(void) {
	struct timespec time;
	clock_gettime(CLOCK_MONOTONIC, &time);
	return time.tv_sec * 1000000LL + time.tv_nsec / 1000;
}

int main(int argc, char **argv) {
	if (argc < 3) return 2;
	int size = atoi(argv[2]);
	char *piece = calloc(1, size);
	int fd = open(argv[1], O_CREAT | O_TRUNC | O_RDWR, 0666);
	if (fd < 0) return 1;
	const char *names[] = {"write", "read", "pwrite", "pread"};
	for (int way = 0; way < 4; way++) {
		lseek(fd, 0, SEEK_SET);
		long long start = now();
		for (int at = 0; at < TOTAL;) {
			ssize_t moved = way == 0 ? write(fd, piece, size) : way == 1 ? read(fd, piece, size) : way == 2 ? pwrite(fd, piece, size, at) : pread(fd, piece, size, at);
			if (moved <= 0) return 1;
			at += moved;
		}
		printf("%s %lld\n", names[way], now() - start);
	}
	return 0;
}
