/** Files for a guest, through the first preopened folder whose name begins the path; each returns the error's name, or ''. */
import {getDirectories} from '../../../templates/app-cli/assembly/bindings/imports/preopens';
import {Descriptor, DescriptorFlags, ErrorCode, OpenFlags, PathFlags} from '../../../templates/app-cli/assembly/bindings/imports/types';
import {StreamErrorTag} from '../../../templates/app-cli/assembly/bindings/imports/streams';
import {Result} from '../../../templates/app-cli/assembly/bindings/wit';
import {print, send, write} from '../../../templates/app-cli/assembly/io';

const codes =
	'access would-block already bad-descriptor busy deadlock quota exist file-too-large illegal-byte-sequence in-progress interrupted invalid io is-directory loop too-many-links message-size name-too-long no-device no-entry no-lock insufficient-memory insufficient-space not-directory not-empty not-recoverable unsupported no-tty no-such-device overflow not-permitted pipe read-only invalid-seek text-file-busy cross-device'.split(
		' ',
	);

// The preopened folder and the path within it that `locate` found, and why `open` failed.
let folder: Descriptor | null = null;
let inner: string = '';
let failure: string = '';

/** Prints the names in a folder, sorted. */
export function list(path: string): string {
	const opened = open(path, OpenFlags.Directory, DescriptorFlags.Read);
	if (!opened) return failure;
	const entries = opened.readDirectory();
	if (!entries.isOk) return codes[entries.error];
	const names: string[] = [];
	for (;;) {
		const entry = entries.value.readDirectoryEntry();
		if (!entry.isOk) return codes[entry.error];
		const found = entry.value;
		if (!found) break;
		names.push(found.name);
	}
	names.sort();
	for (let i = 0; i < names.length; i++) print(names[i]);
	return '';
}

/** Copies a file to standard output. */
export function read(path: string): string {
	const opened = open(path, 0, DescriptorFlags.Read);
	if (!opened) return failure;
	const reading = opened.readViaStream(0);
	if (!reading.isOk) return codes[reading.error];
	const stream = reading.value;
	let chunk = stream.blockingRead(65536);
	for (; chunk.isOk; chunk = stream.blockingRead(65536)) write(chunk.value);
	return chunk.error.tag == StreamErrorTag.Closed ? '' : 'io';
}

/** Makes a file of this text, in place of what was there. */
export function put(path: string, text: string): string {
	const opened = open(path, OpenFlags.Create | OpenFlags.Truncate, DescriptorFlags.Write);
	if (!opened) return failure;
	const writing = opened.writeViaStream(0);
	if (!writing.isOk) return codes[writing.error];
	return send(writing.value, Uint8Array.wrap(String.UTF8.encode(text))) ? '' : 'io';
}

/** Removes a file. */
export function remove(path: string): string {
	const found = locate(path);
	if (!found) return 'no-preopen';
	const removed = found.unlinkFileAt(inner);
	return removed.isOk ? '' : codes[removed.error];
}

function open(path: string, how: OpenFlags, flags: DescriptorFlags): Descriptor | null {
	failure = 'no-preopen';
	const found = locate(path);
	if (!found) return null;
	const opened: Result<Descriptor, ErrorCode> = found.openAt(PathFlags.SymlinkFollow, inner, how, flags);
	if (opened.isOk) return opened.value;
	failure = codes[opened.error];
	return null;
}

function locate(path: string): Descriptor | null {
	const directories = getDirectories();
	for (let i = 0; i < directories.length; i++) {
		const name = directories[i].item1;
		const prefix = name.endsWith('/') ? name : name + '/';
		if (!folder && (path == name || path.startsWith(prefix))) {
			folder = directories[i].item0;
			inner = path.length > prefix.length ? path.substring(prefix.length) : '.';
		}
	}
	return folder;
}
