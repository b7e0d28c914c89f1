/* Arguments, environment, time, memory and exit of a plain C program. Prints only what is the same each time. */
#include <ctype.h>
#include <errno.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

static void late(void) { puts("at exit"); }

static double seconds(clockid_t clock) {
	struct timespec now;
	clock_gettime(clock, &now);
	return now.tv_sec + now.tv_nsec / 1e9;
}

int main(int argc, char **argv) {
	atexit(late);
	for (int i = 1; i < argc; i++) printf("argument %d: \"%s\" %zu\n", i, argv[i], strlen(argv[i]));
	printf("GREETING=%s, NONE=%s\n", getenv("GREETING"), getenv("NONE") ? "there" : "not there");
	for (int option; (option = getopt(argc, argv, "ab:")) != -1;) printf("option %c %s\n", option, optarg ? optarg : "-");

	time_t then = 951782400;
	char text[64];
	strftime(text, sizeof text, "%Y-%m-%d %H:%M:%S %j", gmtime(&then));
	puts(text);
	printf("now: %d\n", time(NULL) > 1600000000);
	double before = seconds(CLOCK_MONOTONIC);
	struct timespec nap = {0, 30000000};
	printf("slept: %d %d\n", nanosleep(&nap, NULL), seconds(CLOCK_MONOTONIC) - before >= 0.03);
	printf("clock: %d\n", fabs(seconds(CLOCK_REALTIME) - (double)time(NULL)) < 2);

	char *block = malloc(8 << 20);
	memset(block, 'x', 8 << 20);
	block = realloc(block, 16 << 20);
	printf("memory: %c%c\n", block[0], block[(8 << 20) - 1]);
	free(block);
	printf("%d %ld %5.2f|%-6s|%06d|%x|%e\n", -7, 1234567890123L > 0 ? 1L : 0L, M_PI, "ab", 42, 255, 12345.678);
	printf("%.3f %.3f %.3f\n", sqrt(2), sin(1), pow(2, 0.5));
	printf("strtol %ld %d\n", strtol("99999999999999999999", NULL, 10) > 0 ? 1L : 0L, errno == ERANGE);
	fprintf(stderr, "to stderr\n");
	for (int c; (c = getchar()) != EOF;) putchar(toupper(c));
	exit(argc > 1 ? 42 : 0);
}
