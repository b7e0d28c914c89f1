/* Standard input to standard output, each byte changed; how many there were goes to standard error. */
#include <stdio.h>
#include <unistd.h>

int main(void) {
	static unsigned char bytes[65536];
	long long count = 0;
	for (ssize_t length; (length = read(0, bytes, sizeof bytes)) > 0; count += length) {
		for (ssize_t i = 0; i < length; i++) bytes[i] = (unsigned char)(bytes[i] * 7 + 3);
		for (ssize_t done = 0; done < length;) {
			ssize_t written = write(1, bytes + done, (size_t)(length - done));
			if (written < 0) return 1;
			done += written;
		}
	}
	fprintf(stderr, "%lld bytes\n", count);
	return 5;
}
