/* A core module of the older WASI, as a C compiler makes it: prints its arguments and environment; ends with code 3. */
#include <stdio.h>

extern char **environ;

int main(int argc, char **argv) {
	for (int i = 1; i < argc; i++) printf("arg %s\n", argv[i]);
	for (char **pair = environ; *pair; pair++) printf("env %s\n", *pair);
	return 3;
}
