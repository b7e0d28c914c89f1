/* Files and folders below the folder that its argument names, by what C and POSIX have for them; prints what it finds, and errors by name. */
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

static const char *name(int code) {
	switch (code) {
	case 0: return "ok";
	case ENOENT: return "ENOENT";
	case EEXIST: return "EEXIST";
	case ENOTDIR: return "ENOTDIR";
	case EISDIR: return "EISDIR";
	case ENOTEMPTY: return "ENOTEMPTY";
	case EBADF: return "EBADF";
	case EINVAL: return "EINVAL";
	case ELOOP: return "ELOOP";
	default: return "another error";
	}
}

static void did(const char *what, int result) { printf("%s: %s\n", what, name(result < 0 ? errno : 0)); }

static int ascending(const void *a, const void *b) { return strcmp(*(char *const *)a, *(char *const *)b); }

static void list(const char *path) {
	DIR *folder = opendir(path);
	if (!folder) {
		did("opendir", -1);
		return;
	}
	char *names[64];
	int count = 0;
	for (struct dirent *entry; (entry = readdir(folder)) && count < 64;) {
		if (strcmp(entry->d_name, ".") && strcmp(entry->d_name, "..")) names[count++] = strdup(entry->d_name);
	}
	closedir(folder);
	qsort(names, count, sizeof *names, ascending);
	printf("%s:", path);
	for (int i = 0; i < count; i++) printf(" %s", names[i]);
	printf("\n");
}

static void status(const char *path) {
	struct stat it;
	if (lstat(path, &it) < 0) {
		did(path, -1);
		return;
	}
	const char *kind = S_ISDIR(it.st_mode) ? "folder" : S_ISLNK(it.st_mode) ? "link" : "file";
	printf("%s: %s, %lld bytes, %d names\n", path, kind, S_ISDIR(it.st_mode) ? 0 : (long long)it.st_size, S_ISDIR(it.st_mode) ? 0 : (int)it.st_nlink);
}

static void content(const char *path) {
	char text[256] = {0};
	FILE *file = fopen(path, "r");
	if (!file) {
		did(path, -1);
		return;
	}
	size_t length = fread(text, 1, sizeof text - 1, file);
	printf("%s: \"%s\" %zu eof %d\n", path, text, length, feof(file) != 0);
	fclose(file);
}

static void write_and_read(void) {
	FILE *file = fopen("a/one", "w+");
	fprintf(file, "%d %s %.3f\n", 42, "words", 1.5);
	fseek(file, 3, SEEK_SET);
	fputs("WORDS", file);
	rewind(file);
	int first = fgetc(file);
	ungetc(first, file);
	char line[64];
	printf("line: %s", fgets(line, sizeof line, file));
	printf("at %ld\n", ftell(file));
	fclose(file);
	file = fopen("a/one", "a");
	fputs("more", file);
	fclose(file);
	content("a/one");
	int fd = open("a/one", O_RDWR);
	did("ftruncate", ftruncate(fd, 5));
	did("pwrite", pwrite(fd, "xyz", 3, 8) == 3 ? 0 : -1);
	char bytes[16] = {0};
	printf("pread %zd:", pread(fd, bytes, sizeof bytes, 0));
	for (int i = 0; i < 11; i++) printf(" %d", bytes[i]);
	printf("\n");
	did("fsync", fsync(fd));
	did("lseek", (int)lseek(fd, -1, SEEK_SET));
	printf("end %lld\n", (long long)lseek(fd, 0, SEEK_END));
	close(fd);
	did("read of closed", (int)read(fd, bytes, 1));
}

static void names(void) {
	did("mkdir again", mkdir("a", 0777));
	did("mkdir in none", mkdir("none/b", 0777));
	did("link", link("a/one", "a/two"));
	did("symlink", symlink("one", "a/three"));
	did("symlink loop", symlink("loop", "a/loop"));
	char target[64] = {0};
	printf("readlink %zd %s\n", readlink("a/three", target, sizeof target), target);
	status("a/one");
	status("a/three");
	status("a/none");
	list("a");
	did("open loop", open("a/loop", O_RDONLY));
	did("open exclusive", open("a/one", O_CREAT | O_EXCL | O_WRONLY, 0666));
	did("open folder to write", open("a", O_WRONLY));
	did("open a file as a folder", open("a/one", O_RDONLY | O_DIRECTORY));
	did("open below a file", open("a/one/x", O_RDONLY));
	did("rename", rename("a/two", "a/b/moved"));
	did("rename over", rename("a/b/moved", "a/three"));
	did("rename a folder into itself", rename("a", "a/b/a"));
	did("unlink a folder", unlink("a/b") < 0 ? 0 : -1);
	did("rmdir a file", rmdir("a/one"));
	did("rmdir with things in it", rmdir("a"));
	did("unlink", unlink("a/loop"));
	did("unlink again", unlink("a/loop"));
	did("rmdir", rmdir("a/b"));
	list("a");
	list("a/one");
}

static void times(void) {
	struct timespec set[2] = {{1000000000, 123456789}, {1111111111, 987654321}};
	did("utimensat", utimensat(AT_FDCWD, "a/one", set, 0));
	struct stat it;
	stat("a/one", &it);
	printf("times %lld %lld\n", (long long)it.st_atim.tv_sec, (long long)it.st_mtim.tv_sec);
}

static void large(void) {
	static unsigned char block[65536];
	unsigned sum = 0;
	FILE *file = fopen("large", "w");
	for (int i = 0; i < 64; i++) {
		memset(block, i, sizeof block);
		fwrite(block, 1, sizeof block, file);
	}
	fclose(file);
	status("large");
	file = fopen("large", "r");
	for (size_t length; (length = fread(block, 1, 1000, file)) > 0;)
		for (size_t i = 0; i < length; i++) sum = sum * 31 + block[i];
	fclose(file);
	printf("sum %u\n", sum);
	did("remove", remove("large"));
}

int main(int argc, char **argv) {
	if (argc < 2 || chdir(argv[1]) < 0) return 2;
	did("mkdir", mkdir("a", 0777));
	did("mkdir", mkdir("a/b", 0777));
	write_and_read();
	names();
	times();
	large();
	return 7;
}
