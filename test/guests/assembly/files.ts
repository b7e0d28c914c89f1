/** Files for a guest, through the first preopened folder whose name begins the path; each returns the error's name, or ''. */
import {free, print, send, takeBytes, takeString, write} from '../../../templates/app-cli/src/wasi';

@external('wasi:filesystem/preopens@0.2.0', 'get-directories')
declare function getDirectories(area: usize): void;
@external('wasi:filesystem/types@0.2.0', '[method]descriptor.open-at')
declare function openAt(dir: i32, follow: i32, path: usize, length: i32, open: i32, flags: i32, area: usize): void;
@external('wasi:filesystem/types@0.2.0', '[method]descriptor.read-via-stream')
declare function readViaStream(file: i32, offset: u64, area: usize): void;
@external('wasi:filesystem/types@0.2.0', '[method]descriptor.write-via-stream')
declare function writeViaStream(file: i32, offset: u64, area: usize): void;
@external('wasi:filesystem/types@0.2.0', '[method]descriptor.read-directory')
declare function readDirectory(dir: i32, area: usize): void;
@external('wasi:filesystem/types@0.2.0', '[method]directory-entry-stream.read-directory-entry')
declare function readEntry(stream: i32, area: usize): void;
@external('wasi:filesystem/types@0.2.0', '[method]descriptor.unlink-file-at')
declare function unlinkFileAt(dir: i32, path: usize, length: i32, area: usize): void;
@external('wasi:io/streams@0.2.0', '[method]input-stream.blocking-read')
declare function blockingRead(stream: i32, length: u64, area: usize): void;

const area = memory.data(32, 8);

const FOLLOW = 1;
const CREATE = 1;
const DIRECTORY = 2;
const TRUNCATE = 8;
const READ = 1;
const WRITE = 2;

const codes =
	'access would-block already bad-descriptor busy deadlock quota exist file-too-large illegal-byte-sequence in-progress interrupted invalid io is-directory loop too-many-links message-size name-too-long no-device no-entry no-lock insufficient-memory insufficient-space not-directory not-empty not-recoverable unsupported no-tty no-such-device overflow not-permitted pipe read-only invalid-seek text-file-busy cross-device'.split(
		' ',
	);

// What `locate` found: the preopened folder and the path within it.
let folder: i32 = -1;
let inner: string = '';
let opened: i32 = -1;

/** Prints the names in a folder, sorted. */
export function list(path: string): string {
	const failure = open(path, DIRECTORY, READ);
	if (failure.length) return failure;
	readDirectory(opened, area);
	if (load<u8>(area)) return code(4);
	const entries = load<i32>(area, 4);
	const names: string[] = [];
	for (;;) {
		readEntry(entries, area);
		if (load<u8>(area)) return code(4);
		if (!load<u8>(area, 4)) break;
		names.push(takeString(area + 12));
	}
	names.sort();
	for (let i = 0; i < names.length; i++) print(names[i]);
	return '';
}

/** Copies a file to standard output. */
export function read(path: string): string {
	const failure = open(path, 0, READ);
	if (failure.length) return failure;
	readViaStream(opened, 0, area);
	if (load<u8>(area)) return code(4);
	const stream = load<i32>(area, 4);
	blockingRead(stream, 65536, area);
	while (!load<u8>(area)) {
		write(takeBytes(area + 4));
		blockingRead(stream, 65536, area);
	}
	return load<u8>(area, 4) ? '' : 'io';
}

/** Makes a file of this text, in place of what was there. */
export function put(path: string, text: string): string {
	const failure = open(path, CREATE | TRUNCATE, WRITE);
	if (failure.length) return failure;
	writeViaStream(opened, 0, area);
	if (load<u8>(area)) return code(4);
	return send(load<i32>(area, 4), String.UTF8.encode(text)) ? '' : 'io';
}

/** Removes a file. */
export function remove(path: string): string {
	if (!locate(path)) return 'no-preopen';
	unlinkFileAt(folder, changetype<usize>(inner), inner.length, area);
	return load<u8>(area) ? code(1) : '';
}

function code(offset: usize): string {
	return codes[load<u8>(area + offset)];
}

function open(path: string, how: i32, flags: i32): string {
	if (!locate(path)) return 'no-preopen';
	openAt(folder, FOLLOW, changetype<usize>(inner), inner.length, how, flags, area);
	if (load<u8>(area)) return code(4);
	opened = load<i32>(area, 4);
	return '';
}

function locate(path: string): bool {
	getDirectories(area);
	const first = load<usize>(area);
	const length = load<i32>(area, 4);
	for (let i = 0; i < length; i++) {
		const name = takeString(first + i * 12 + 4);
		const prefix = name.endsWith('/') ? name : name + '/';
		if (folder < 0 && (path == name || path.startsWith(prefix))) {
			folder = load<i32>(first + i * 12);
			inner = path.length > prefix.length ? path.substring(prefix.length) : '.';
		}
	}
	free(first, length);
	return folder >= 0;
}
